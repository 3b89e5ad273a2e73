"""The data folder is the owner's alone: it holds the pseudonym key, vectors of texts, profiles, the broker's data."""

import os
from pathlib import Path

PRIVATE = 0o077
"""Rights that nobody but the owner has."""


def make_private(folder: Path) -> None:
    """Create the folder if it is missing, take others' rights to it away, and give none to what is made from now on."""
    os.umask(os.umask(PRIVATE) | PRIVATE)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.stat()
    if found.st_uid == os.geteuid() and found.st_mode & PRIVATE:
        folder.chmod(found.st_mode & 0o7777 & ~PRIVATE)
