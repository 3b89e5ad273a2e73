"""The public keys of an identity provider (JWK Set, RFC 7517): from its address or a file, kept and renewed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from liveprofile.streams.file_version import FileVersion, version_of
from liveprofile.streams.settings.oidc import Oidc

log = structlog.get_logger(__name__)

LEAST_S = 10.0
"""Least time between two looks for keys: whoever sends unknown key ids causes no more."""
FETCH_S = 5.0
MOST_BYTES = 1 << 18
LEAST_RSA_BITS = 2_048
_KINDS: Mapping[str, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
"""Public keys alone: a shared secret would make signatures, too."""


class KeySource:
    """The keys by id."""

    def __init__(self, oidc: Oidc, now_s: Callable[[], float] = time.monotonic) -> None:
        """Nothing is fetched before the first token."""
        self._oidc, self._now_s = oidc, now_s
        self._keys: dict[str | None, Key] = {}
        self._looked_s = self._fetched_s = self._file_looked_s = float("-inf")
        self._file: FileVersion | None = None
        self._looking: asyncio.Task[None] | None = None
        self._raw = b""
        self.version = 0
        """Rises when the keys change."""

    async def find(self, kid: str | None) -> Key | None:
        """The key of an id, or the only one for none; None if there is none after a look for new ones."""
        found = self._find(kid)
        if found is None and (looking := self._look()) is not None:
            await asyncio.shield(looking)
            found = self._find(kid)
        return found

    def keep_fresh(self) -> None:
        """Renew old keys, beside what is asked meanwhile."""
        if self._now_s() - self._fetched_s > self._oidc.keys_s or self._file_changed():
            self._look()

    def _find(self, kid: str | None) -> Key | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _file_changed(self) -> bool:
        """Whether the file is another one; looked at once a second."""
        if not self._oidc.jwks_file or self._now_s() - self._file_looked_s < 1:
            return False
        self._file_looked_s = self._now_s()
        return version_of(Path(self._oidc.jwks_file)) != self._file

    def _look(self) -> asyncio.Task[None] | None:
        """A look for keys that is under way, or a new one; None if the last one was just now."""
        if self._looking is not None and not self._looking.done():
            return self._looking
        if self._now_s() - self._looked_s < (1 if self._oidc.jwks_file else LEAST_S):
            return None
        self._looked_s = self._now_s()
        self._looking = asyncio.create_task(self._renew())
        return self._looking

    async def _renew(self) -> None:
        """Take new keys; those that there are stay in force where none can be had."""
        try:
            raw = await self._read()
            keys = keys_of(raw)
        except (OSError, aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning(
                "keys of the identity provider cannot be read", problem=type(error).__name__, kept=len(self._keys)
            )
            return
        self._fetched_s = self._now_s()
        if raw != self._raw:
            self._raw, self._keys = raw, keys
            self.version += 1
            log.info("keys of the identity provider", keys=len(keys))

    async def _read(self) -> bytes:
        if self._oidc.jwks_file:
            path = Path(self._oidc.jwks_file)
            self._file = version_of(path)
            return await asyncio.to_thread(path.read_bytes)
        timeout = aiohttp.ClientTimeout(total=FETCH_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(self._oidc.jwks_url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            raw = await answer.content.read(MOST_BYTES + 1)
            while len(raw) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES)):
                raw += more
            if len(raw) > MOST_BYTES:
                raise ValueError("too large")
            return raw


def keys_of(raw: bytes) -> dict[str | None, Key]:
    """The keys for signatures by id. What is for something else, too weak or not understood is left out.

    ValueError for what is no set of keys.
    """
    document = orjson.loads(raw)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no JWK Set")
    found: dict[str | None, Key] = {}
    for one in listed:
        kind = _KINDS.get(str(one.get("kty"))) if isinstance(one, dict) else None
        if kind is None or one.get("use", "sig") != "sig" or "d" in one:
            continue
        try:
            key = kind.import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey) and key.raw_value.key_size < LEAST_RSA_BITS:
            continue
        kid = one.get("kid")
        found[kid if isinstance(kid, str) else None] = key
    return found
