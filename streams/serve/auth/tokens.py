"""Tokens: 256 random bits each, of which the file has the SHA-256; the token itself is shown once, when it is made."""

import hmac
import os
import re
import secrets
import time
from hashlib import sha256
from pathlib import Path

import msgspec

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.streams.clock import now_ms
from liveprofile.streams.errors import DataError, NoTokenError, UserError
from liveprofile.streams.file_version import FileVersion, version_of
from liveprofile.streams.serve.auth.scopes import Principal, checked_scopes
from liveprofile.streams.settings import Settings

FILE = "tokens.json"
PREFIX = "lp_"
"""Tokens begin so, for scanners of secrets."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
_TOKEN = re.compile(r"lp_[A-Za-z0-9_-]{43}")


def tokens_path(settings: Settings) -> Path:
    """The file of tokens."""
    return Path(settings.serve.tokens_file) if settings.serve.tokens_file else settings.data_path / FILE


class Token(msgspec.Struct, frozen=True):
    """A token as it is stored."""

    name: str
    sha256: str
    scopes: tuple[str, ...]
    created: str


_FILE = msgspec.json.Decoder(dict[str, Token])


class Tokens:
    """The tokens of a file; it is read again when it changes, so that a revoked token is refused within a second."""

    def __init__(self, path: Path, *, others: bool = False) -> None:
        """`others` says that tokens are good that are not in the file: then one is needed in any case."""
        self.path, self._others = path, others
        self._version: FileVersion | None = None
        self._looked_s = float("-inf")
        self._by_digest: dict[bytes, Principal] = {}
        self._tokens: dict[str, Token] = {}

    def all(self) -> list[Token]:
        """All tokens, by name."""
        self._refresh(0.0)
        return sorted(self._tokens.values(), key=lambda one: one.name)

    def create(self, name: str, scopes: tuple[str, ...]) -> str:
        """Make a token and return it. UserError for a name that is wrong or taken, or an unknown scope."""
        if not _NAME.fullmatch(name):
            raise UserError(
                f"{name!r} is no name for a token.", "Take up to 50 lower-case letters, digits, dots, dashes."
            )
        allowed = checked_scopes(scopes)
        self._refresh(0.0)
        if name in self._tokens:
            raise UserError(f"There is a token {name!r}.", f"Take another name, or `liveprofile token revoke {name}`.")
        token = PREFIX + secrets.token_urlsafe(32)
        digest = sha256(token.encode()).hexdigest()
        made = Token(name, digest, tuple(sorted(allowed)), rfc3339(now_ms()))
        self._write({**self._tokens, name: made})
        return token

    def revoke(self, name: str) -> None:
        """Delete a token. NoTokenError where there is none."""
        self._refresh(0.0)
        if name not in self._tokens:
            raise NoTokenError(f"There is no token {name!r}.", "See the names: liveprofile token list.")
        self._write({key: one for key, one in self._tokens.items() if key != name})

    def any(self) -> bool:
        """Whether there are tokens, so that one is needed."""
        self._refresh(1.0)
        return self._others or bool(self._tokens)

    def principal(self, token: str) -> Principal | None:
        """Whose token it is; None for an unknown one."""
        self._refresh(1.0)
        if not _TOKEN.fullmatch(token):
            return None
        digest = sha256(token.encode()).digest()
        found = None
        for known, principal in self._by_digest.items():  # all of them, in a time that tells nothing
            if hmac.compare_digest(known, digest):
                found = principal
        return found

    def _refresh(self, every_s: float) -> None:
        """Read the file if it has changed. DataError for one that is damaged."""
        now_s = time.monotonic()
        if now_s - self._looked_s < every_s:
            return
        self._looked_s = now_s
        version = version_of(self.path)
        if version == self._version:
            return
        try:
            tokens = _FILE.decode(self.path.read_bytes()) if any(version) else {}
            digests = {bytes.fromhex(one.sha256): one for one in tokens.values()}
        except (OSError, ValueError) as error:
            raise DataError(f"The file of tokens {self.path} cannot be read: {error}.", "Restore it.") from None
        self._tokens, self._version = tokens, version
        self._by_digest = {digest: Principal(one.name, frozenset(one.scopes)) for digest, one in digests.items()}

    def _write(self, tokens: dict[str, Token]) -> None:
        """The whole file anew, for its owner alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(tokens), indent=2))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        self._version = None
        self._refresh(0.0)
