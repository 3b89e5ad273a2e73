"""The pseudonym key: given, read from a file, or created once in the data folder."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Secret, Settings

FILE = "pseudonym.key"
LEAST = 16
"""Least number of characters of a key."""


def pseudonym_key(settings: Settings, inform: Callable[[str], None]) -> Secret:
    """The pseudonym key; `inform` is called if one is created. UserError for a missing file or a short key."""
    if settings.pseudonym_key is not None:
        return settings.pseudonym_key
    if settings.pseudonym_key_file:
        return _read(Path(settings.pseudonym_key_file))
    path = settings.data_path / FILE
    if not path.exists() and _create(path):
        inform(
            f"Made a random key for pseudonyms: {path} (mode 0600). Profile ids depend on this key: "
            "keep it, or set LIVEPROFILE_PSEUDONYM_KEY."
        )
    return _read(path)


def has_key(settings: Settings) -> bool:
    """Whether there is a key already, so that `pseudonym_key` would not create one."""
    given = settings.pseudonym_key is not None or settings.pseudonym_key_file != ""
    return given or (settings.data_path / FILE).exists()


def key_source(settings: Settings) -> str:
    """Where the key comes from, for logs; never the key."""
    if settings.pseudonym_key is not None:
        return "the setting pseudonym_key"
    return settings.pseudonym_key_file or str(settings.data_path / FILE)


def _read(path: Path) -> Secret:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UserError(
            f"The pseudonym key file {path} cannot be read: {reason}.", "Point pseudonym_key_file at a readable file."
        ) from None
    if len(value) < LEAST:
        raise UserError(
            f"The key in {path} has {len(value)} characters, at least {LEAST} are needed.",
            f"Make one: openssl rand -hex 32 > {path}",
        )
    return Secret(value)


def _create(path: Path) -> bool:
    """Write a new key, whole or not at all; False if another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
