"""The pseudonym key: given, read from a file, or, beside the embedded broker, created once in the data folder."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Secret, Settings

FILE = "pseudonym.key"
LEAST = 16
"""Least number of characters of a key."""


def pseudonym_key(settings: Settings, inform: Callable[[str], None], *, may_create: bool) -> Secret:
    """The pseudonym key; `inform` is called if one is created. UserError for a missing file or a short key.

    Without `may_create` a missing key is a UserError: a worker with a key of its own would make other profiles than
    all others. Only with the embedded broker is nobody else there.
    """
    if settings.pseudonym_key is not None:
        return settings.pseudonym_key
    if settings.pseudonym_key_file:
        return read_key(Path(settings.pseudonym_key_file))
    path = settings.data_path / FILE
    if not path.exists() and not may_create:
        raise UserError(
            f"There is no pseudonym key in {settings.data_path}, and none is made for a Kafka that others may use.",
            "Run `liveprofile key create` once, and give the same key to all workers: LIVEPROFILE_PSEUDONYM_KEY, or "
            "pseudonym_key_file.",
        )
    if not path.exists() and create_key(path):
        inform(
            f"Made a random key for pseudonyms: {path} (mode 0600). Profile ids depend on this key: back it up with "
            "`liveprofile key backup FILE`."
        )
    return read_key(path)


def has_key(settings: Settings) -> bool:
    """Whether there is a key already, so that `pseudonym_key` would not create one."""
    given = settings.pseudonym_key is not None or settings.pseudonym_key_file != ""
    return given or (settings.data_path / FILE).exists()


def key_source(settings: Settings) -> str:
    """Where the key comes from, for logs; never the key."""
    if settings.pseudonym_key is not None:
        return "the setting pseudonym_key"
    return settings.pseudonym_key_file or str(settings.data_path / FILE)


def read_key(path: Path) -> Secret:
    """The key in a file. UserError if it cannot be read, or is too short."""
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


def create_key(path: Path) -> bool:
    """Write a new key, whole or not at all; False if there is one already."""
    return write_key(path, secrets.token_hex(32))


def write_key(path: Path, key: str) -> bool:
    """Write a key to a file of the owner's alone, whole or not at all; False if the file exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
