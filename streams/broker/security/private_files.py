"""Files of secrets: readable by their owner only from the first moment, and replaced in one step."""

import os
import secrets
from pathlib import Path

_SECRET_BYTES = 24


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 600."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    fresh.replace(path)


def new_secret(path: Path) -> str:
    """The secret in a file; a random one is made if there is no file."""
    if not path.exists():
        write_private(path, f"{secrets.token_urlsafe(_SECRET_BYTES)}\n".encode())
    return path.read_text(encoding="utf-8").rstrip("\n")
