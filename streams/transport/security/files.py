"""Reads files that hold one secret each; the secret is in no error."""

from pathlib import Path

from liveprofile.streams.errors import UserError


def read_secret(setting: str, path: str) -> str:
    """What a file holds, without the end of its last line. UserError if it cannot be read or is empty."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{setting} = {path!r} cannot be read: {why(error)}.", "Give the path of a file that this user may read."
        ) from None
    secret = text.rstrip("\r\n")
    if not secret:
        raise UserError(f"{setting} = {path!r} is empty.", "Write the secret into the file, on one line.")
    return secret


def why(error: OSError | ValueError) -> str:
    """The reason of an error without a path or a content."""
    return getattr(error, "strerror", None) or "it is not text"
