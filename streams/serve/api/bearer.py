"""Shows the access tokens of an identity provider to the door: as who they are, or with what is wrong with them."""

from __future__ import annotations

from functools import partial
from typing import Any

from liveprofile.streams.serve.api.door import PRINCIPAL, REFUSED, STILL
from liveprofile.streams.serve.auth.oidc import AccessTokenError, Verifier, looks_like

_BEARER = b"bearer "


class Bearer:
    """An ASGI application before the door."""

    def __init__(self, door: Any, verifier: Verifier) -> None:
        self._door, self._verifier = door, verifier

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "http" and PRINCIPAL not in scope:
            token = _token(scope["headers"])
            if token is not None and looks_like(token):
                try:
                    who = await self._verifier.principal(token)
                    scope = {**scope, PRINCIPAL: who, STILL: partial(self._verifier.is_good, token)}
                except AccessTokenError as error:
                    scope = {**scope, REFUSED: f"The access token is refused: {error}."}
        await self._door(scope, receive, send)


def _token(headers: list[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == b"authorization" and value[: len(_BEARER)].lower() == _BEARER:
            return value[len(_BEARER) :].decode("latin-1").strip()
    return None
