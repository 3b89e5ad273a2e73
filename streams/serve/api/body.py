"""Bodies of requests."""

from typing import Any, TypeVar

import msgspec
from litestar import Request

from liveprofile.streams.serve.api.problems import ProblemError

_Body = TypeVar("_Body")


async def body_as(request: Request[Any, Any, Any], kind: type[_Body]) -> _Body:
    """The JSON body of a request. A ProblemError for another one, which names the field and never a value."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError("unsupported-media-type", "The body must be JSON, with Content-Type: application/json.")
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError("bad-request", f"The body is not as it must be: {error}.") from None
