"""Sign-in of the page: a token, or the link that is printed at the start, becomes a cookie that no script reads.

The cookie has the token itself: so it is good at every replica and after a restart, and ends when the token is revoked.
A link has no token behind it. It is for whoever started the service, lasts as long as the process, and works once.
"""

from __future__ import annotations

import hmac
import secrets
import time
from http.cookies import CookieError, SimpleCookie

COOKIE = "liveprofile"
MOST_AGE_S = 30 * 86_400
LINK_S = 600.0


class Sessions:
    """Who has signed in by a link, and the links that nobody has used."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._links: dict[str, float] = {}
        self._secrets: set[str] = set()

    def link(self) -> str:
        """A code for one sign-in within ten minutes."""
        code = secrets.token_urlsafe(24)
        self._links[code] = time.monotonic() + LINK_S
        return code

    def use(self, code: str) -> str | None:
        """The secret for the cookie; None for a code that is unknown, used or old.

        >>> sessions = Sessions()
        >>> code = sessions.link()
        >>> secret = sessions.use(code)
        >>> secret is not None, sessions.use(code), sessions.knows(secret), sessions.knows("guess")
        (True, None, True, False)
        """
        until_s = self._links.pop(code, None)
        if until_s is None or time.monotonic() > until_s:
            return None
        secret = "once_" + secrets.token_urlsafe(32)
        self._secrets.add(secret)
        return secret

    def knows(self, secret: str) -> bool:
        """Whether somebody with this secret has signed in by a link."""
        found = False
        for known in self._secrets:
            found |= hmac.compare_digest(known.encode(), secret.encode())
        return found


def cookie_of(header: bytes) -> str | None:
    """The value of the page's cookie in a Cookie header.

    >>> cookie_of(b"theme=dark; liveprofile=lp_x"), cookie_of(b"theme=dark")
    ('lp_x', None)
    """
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header.decode("latin-1"))
    except CookieError:
        return None
    return jar[COOKIE].value if COOKIE in jar else None


def set_cookie(value: str, *, secure: bool) -> bytes:
    """The Set-Cookie header for a value; an empty one signs out."""
    age_s = MOST_AGE_S if value else 0
    return (
        f"{COOKIE}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict{'; Secure' if secure else ''}".encode()
    )
