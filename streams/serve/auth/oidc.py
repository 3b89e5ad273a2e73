"""Access tokens of an identity provider: JSON Web Tokens (RFC 7519, RFC 9068), judged by its public keys alone.

A token that was found good is remembered until it expires, so that a read costs no signature; keys that change make
all of them be judged anew. Nothing is asked of the provider for a token: keys are fetched by themselves, and bounded.
"""

from __future__ import annotations

import json
import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from liveprofile.errors import LiveprofileError
from liveprofile.streams.errors import UserError
from liveprofile.streams.serve.auth.scopes import ADMIN, SCOPES, Principal
from liveprofile.streams.settings.oidc import Oidc
from liveprofile.streams.transport.security.cleartext import is_loopback

MOST_REMEMBERED = 4_096
MOST_BYTES = 16_384
"""Longest token."""
MOST_NAME = 100
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


class AccessTokenError(LiveprofileError):
    """A token is not good; the text says why, without anything from the token."""

    next_step = "Get a new token from the identity provider."


class Keys(Protocol):
    """The public keys of the issuer."""

    version: int
    """Rises when the keys change."""

    async def find(self, kid: str | None) -> Key | None:
        """The key of this id, or the only one without; None if there is none, after a look for new ones."""

    def keep_fresh(self) -> None:
        """Renew old keys, beside what is asked meanwhile."""


def looks_like(token: str) -> bool:
    """Whether this is a JSON Web Token by its form; the service's own tokens have no dots.

    >>> looks_like("eyJhbGciOiJSUzI1NiJ9.e30.c2ln"), looks_like("lp_abc")
    (True, False)
    """
    return len(token) <= MOST_BYTES and _SHAPE.fullmatch(token) is not None


class Verifier:
    """Judges tokens."""

    def __init__(self, oidc: Oidc, keys: Keys, now_s: Callable[[], float] = time.time) -> None:
        """UserError for settings that do not fit together."""
        require_consistent(oidc)
        self._oidc, self._keys, self._now_s = oidc, keys, now_s
        self._mapping = mapping_of(oidc)
        self._known: dict[bytes, tuple[Principal, float, int]] = {}
        """Good tokens by digest, each with its end and the version of the keys."""

    async def principal(self, token: str) -> Principal:
        """Whose token it is, and what it allows. AccessTokenError for one that is not good."""
        self._keys.keep_fresh()
        digest = sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is not None and known[1] > self._now_s() and known[2] == self._keys.version:
            return known[0]
        self._known.pop(digest, None)
        found, until_s = await self._judged(token)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[digest] = found, until_s, self._keys.version
        return found

    def is_good(self, token: str) -> bool:
        """Whether a token that was found good still is."""
        known = self._known.get(sha256(token.encode()).digest())
        return known is not None and known[1] > self._now_s() and known[2] == self._keys.version

    async def _judged(self, token: str) -> tuple[Principal, float]:
        header = _header(token)
        if header.get("alg") not in self._oidc.algorithms:
            raise AccessTokenError("the signature is of a kind that serve.oidc.algorithms does not have")
        kid = header.get("kid")
        key = await self._keys.find(kid if isinstance(kid, str) else None)
        if key is None:
            raise AccessTokenError("the issuer has no key of this id")
        if key.get("alg", header["alg"]) != header["alg"]:
            raise AccessTokenError("the key is for another kind of signature")
        try:
            claims = jwt.decode(token, key, algorithms=list(self._oidc.algorithms)).claims
        except (JoseError, ValueError, TypeError):
            raise AccessTokenError("the signature is wrong") from None
        until_s = self._checked(claims)
        return Principal(self._name(claims), self._scopes(claims)), until_s

    def _checked(self, claims: Mapping[str, Any]) -> float:
        """Check whose, for whom and when; returns when it ends."""
        oidc, now_s = self._oidc, self._now_s()
        if claims.get("iss") != oidc.issuer:
            raise AccessTokenError("the token is of another issuer")
        audience = claims.get("aud")
        if oidc.audience not in (audience if isinstance(audience, list) else [audience]):
            raise AccessTokenError("the token is for another audience")
        until_s, begin_s = _time(claims, "exp"), _time(claims, "nbf")
        if until_s is None:
            raise AccessTokenError("the token does not say when it expires")
        if until_s + oidc.clock_skew_s <= now_s:
            raise AccessTokenError("the token has expired")
        if begin_s is not None and begin_s - oidc.clock_skew_s > now_s:
            raise AccessTokenError("the token is not valid yet")
        return until_s + oidc.clock_skew_s

    def _name(self, claims: Mapping[str, Any]) -> str:
        """The name in the audit: it can be mistaken for no token of the service, whose names have no colon."""
        name = _at(claims, self._oidc.name_claim)
        if not isinstance(name, str) or not name or not name.isprintable():
            raise AccessTokenError(f"the token has no claim {self._oidc.name_claim} that names somebody")
        return f"oidc:{name[:MOST_NAME]}"

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """What it allows; a token may allow nothing."""
        given = _at(claims, self._oidc.scopes_claim)
        values = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
        allowed = (self._mapping.get(value, ()) for value in values if isinstance(value, str))
        return frozenset(scope for scopes in allowed for scope in scopes)


def mapping_of(oidc: Oidc) -> Mapping[str, tuple[str, ...]]:
    """Scopes by value of the claim. UserError for a scope that does not exist.

    >>> mapping_of(Oidc(scopes=("crm=profile:read", "crm=segment:read")))
    {'crm': ('profile:read', 'segment:read')}
    """
    if not oidc.scopes:
        return {scope: (scope,) for scope in SCOPES if scope != ADMIN}
    found: dict[str, tuple[str, ...]] = {}
    for one in oidc.scopes:
        value, _, scope = one.rpartition("=")
        if not value or scope not in SCOPES:
            raise UserError(
                f"serve.oidc.scopes has {one!r}, which is not VALUE=SCOPE.", f"Scopes are {', '.join(SCOPES)}."
            )
        found[value] = (*found.get(value, ()), scope)
    return found


def require_consistent(oidc: Oidc) -> None:
    """UserError for what is missing, doubled, or would bring keys in clear text."""
    if not oidc.audience:
        raise UserError(
            "serve.oidc.audience is missing: tokens for other services would be taken.",
            "Set it to the value of `aud` that the identity provider gives for this service.",
        )
    if bool(oidc.jwks_url) is bool(oidc.jwks_file):
        raise UserError(
            "serve.oidc needs the issuer's keys from one place.", "Set one of serve.oidc.jwks_url and jwks_file."
        )
    if oidc.jwks_file:
        return
    parts = urlsplit(oidc.jwks_url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise UserError(
            "serve.oidc.jwks_url is not an address with https: whoever changes the keys on the way can make tokens.",
            "Use https, or keep the keys in serve.oidc.jwks_file.",
        )


def _header(token: str) -> Mapping[str, Any]:
    text = token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise AccessTokenError("the token cannot be read")
    return header


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AccessTokenError(f"the claim {name} is no time")
    return float(value)


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by the names that lead to it: names may have dots themselves."""
    if path in claims:
        return claims[path]
    name, _, rest = path.partition(".")
    inner = claims.get(name)
    return _at(inner, rest) if rest and isinstance(inner, dict) else None
