"""The access tokens for OAUTHBEARER that all clients of a process share, renewed before they end."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from functools import lru_cache

from aiokafka.abc import AbstractTokenProvider

from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.security.aws_tokens import request_aws_token
from liveprofile.streams.transport.security.client_credentials import request_token
from liveprofile.streams.transport.security.expiry import EXPIRY, Expiry
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.token_errors import TokenError
from liveprofile.streams.transport.security.trouble import Trouble

RENEW_SHARE = 0.75
"""The share of its life after which a token is renewed: connections then take up the new one before 80% is over."""
BACK_OFF_S, LONGEST_BACK_OFF_S = 0.5, 10.0
"""Time between attempts to renew a token that is still valid: the first, doubled up to the longest; at most a quarter
of what is left."""


class TokenProvider(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka is taken as untyped
    """The tokens of all clients of a process, in any thread.

    One is kept until 75% of its life is over. Where no newer one can be had, it serves until its end, and the next is
    asked for with back-off.
    """

    def __init__(
        self,
        security: Security,
        now_s: Callable[[], float] = time.monotonic,
        request: Callable[[Security], tuple[str, float]] | None = None,
        expiry: Expiry = EXPIRY,
    ) -> None:
        """`request` gives a new token and its life in seconds, or raises UserError; that of the settings by default."""
        self.security = security
        self._request = request or (request_aws_token if security.aws_region else request_token)
        self._now_s = now_s
        self._expiry = expiry
        self._trouble = Trouble("The access token for Kafka is renewed again.")
        self._lock = threading.Lock()
        self._token = ""
        self._renew_s = self._ends_s = self._again_s = -math.inf
        self._back_off_s = BACK_OFF_S
        self.failure: UserError | None = None
        """Why the last request brought no token; None if it did."""

    def __repr__(self) -> str:
        return f"TokenProvider({self.security.token_url or self.security.aws_region!r})"

    @property
    def renew_in_s(self) -> float:
        """Seconds until the present token is to be renewed; not above 0 if that is due."""
        return self._renew_s - self._now_s()

    @property
    def ends_in_s(self) -> float:
        """Seconds until the present token ends; not above 0 if there is none."""
        return self._ends_s - self._now_s()

    async def token(self) -> str:
        """A token that is valid for some time. TokenError if there is none."""
        return self._token if self.renew_in_s > 0 else await asyncio.to_thread(self._present)

    def _present(self) -> str:
        # Who has a valid token does not wait for another one's request: many connections would fill all threads.
        if not self._lock.acquire(blocking=self.ends_in_s <= 0):
            return self._token
        try:
            now_s = self._now_s()
            if now_s >= self._renew_s and (now_s >= self._again_s or now_s >= self._ends_s):
                self._renew(now_s)
            if self.failure is not None and self.ends_in_s <= 0:
                raise self.failure from None
            return self._token
        finally:
            self._lock.release()

    def _renew(self, now_s: float) -> None:
        try:
            self._token, life_s = self._request(self.security)
        except UserError as error:  # a file, too: clients retry, and it may be there later
            self.failure = error if isinstance(error, TokenError) else TokenError(error.message, error.next_step)
            left_s = self.ends_in_s
            self._again_s = self._now_s() + min(self._back_off_s, max(BACK_OFF_S, left_s / 4))
            self._back_off_s = min(2 * self._back_off_s, LONGEST_BACK_OFF_S)
            until = f"The present one ends in {left_s:.0f} s." if left_s > 0 else "There is none now."
            self._trouble.met(f"No new access token for Kafka: {error.message} {until} {error.next_step}")
            return
        self._renew_s, self._ends_s = now_s + RENEW_SHARE * life_s, now_s + life_s
        self._back_off_s = BACK_OFF_S
        self.failure = None
        self._expiry.ends(
            f"access token of {self.security.token_url or self.security.aws_region}", time.time() + life_s
        )
        self._trouble.over()


@lru_cache(maxsize=8)
def token_provider(security: Security) -> TokenProvider:
    """The provider of these settings: one in a process, so that clients share tokens."""
    return TokenProvider(security)
