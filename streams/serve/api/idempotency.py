"""`Idempotency-Key`: a request that is repeated with its key gets the first answer, and is not carried out again."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from litestar import Request, Response

from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.problems import ProblemError

HEADER = "Idempotency-Key"
WINDOW_S = 86_400.0
"""How long a key is kept."""
MOST_KEYS = 1_000
"""Keys that are kept of one token; the oldest are forgotten first."""
MOST_TOKENS = 100
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(slots=True)
class _Kept:
    """A request under its key."""

    digest: bytes
    at_s: float
    answer: asyncio.Future[Response[bytes]]


class Idempotency:
    """The answers of this process under their keys, by token."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._kept: OrderedDict[str, OrderedDict[str, _Kept]] = OrderedDict()

    async def once(
        self, request: Request[Any, Any, Any], carry_out: Callable[[str], Awaitable[Response[bytes]]]
    ) -> Response[bytes]:
        """Carry a request out, or give the answer that it had before.

        `carry_out` gets what is the same for every repetition, also at another replica or after a restart; it is empty
        without a key. A ProblemError for a key that had another body. A repetition during the first one waits for it.
        A request that failed is carried out again.
        """
        if (key := request.headers.get(HEADER.lower())) is None:
            return await carry_out("")
        if not _KEY.fullmatch(key):
            raise ProblemError("bad-request", f"{HEADER} is 1 to 255 visible characters of ASCII.")
        who, path = call_of(request).who.name, request.scope["path"]
        name, digest = f"{path} {key}", sha256(await request.body()).digest()
        kept = self._of(who)
        if (known := kept.get(name)) is not None:
            if known.digest != digest:
                raise ProblemError("key-reused", f"{HEADER} was sent with another body before. Take a new one for it.")
            return await asyncio.shield(known.answer)
        answer: asyncio.Future[Response[bytes]] = asyncio.get_running_loop().create_future()
        kept[name] = _Kept(digest, self._now_s(), answer)
        try:
            found = await carry_out(sha256(f"{who} {name}".encode()).hexdigest()[:32])
        except BaseException as error:
            kept.pop(name, None)
            answer.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            answer.exception()  # it may be that nobody else waits
            raise
        answer.set_result(found)
        return found

    def _of(self, who: str) -> OrderedDict[str, _Kept]:
        """The keys of a token, without those that are too old or too many."""
        kept = self._kept.setdefault(who, OrderedDict())
        self._kept.move_to_end(who)
        if len(self._kept) > MOST_TOKENS:
            self._kept.popitem(last=False)
        since_s = self._now_s() - WINDOW_S
        while kept and (len(kept) >= MOST_KEYS or next(iter(kept.values())).at_s < since_s):
            kept.popitem(last=False)
        return kept
