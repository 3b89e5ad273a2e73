"""One request: who asks, its id, what is to be audited."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.auth.scopes import Principal

KEY = "liveprofile.call"


@dataclass(slots=True)
class Call:
    """What the door knows of a request, and what its handler adds."""

    who: Principal
    request_id: str
    began_s: float
    trace_id: str = ""
    """Of the caller's trace (`traceparent`); empty without one."""
    route: str = ""
    """The path with names for its parameters: an audit has no id of a shopper from a path."""
    profiles: list[str] = field(default_factory=list)
    """Ids of the profiles that were read."""
    fields: tuple[str, ...] = ()
    """The fields that were asked for."""
    still: Callable[[], bool] = lambda: True
    """Whether a request of now would still be that caller's: an open stream asks again and again."""

    @property
    def for_log(self) -> dict[str, str]:
        """What a log line says of it: its id, and its trace if it has one."""
        return {"request_id": self.request_id} | ({"trace_id": self.trace_id} if self.trace_id else {})


def call_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Call:
    """The call of a request."""
    call: Call = cast("dict[str, Any]", connection.scope)[KEY]
    return call


async def require(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of all routes: the caller has one of the scopes that the route names. A ProblemError for none of them.

    It awaits nothing; as a plain function the framework would give it to a thread, at the cost of three reads.
    """
    call = call_of(connection)
    call.route = str(connection.scope.get("path_template") or connection.scope["path"])
    scopes: tuple[str, ...] = handler.opt.get("scopes", ())
    if scopes and not any(call.who.may(scope) or _of_a_group(call.who, scope) for scope in scopes):
        raise ProblemError(
            "not-allowed", f"The token {call.who.name!r} has no scope {' or '.join(scopes)}.", scope=scopes[0]
        )


def _of_a_group(who: Principal, scope: str) -> bool:
    """Routes of profiles are for all who see a part of them; what they do not see is cut off."""
    return scope == "profile:read:*" and bool(who.groups)
