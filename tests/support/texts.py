"""Vectors of texts that workers of earlier tests have embedded: later tests begin with them.

Simulated shops have the same titles and queries, and a test embedded two thousand of them for seconds.
"""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

_FOLDER = TemporaryDirectory(prefix="liveprofile-texts-")
_KEPT = Path(_FOLDER.name) / "texts.sqlite"


def lend_texts(data: Path) -> None:
    """Put the vectors known so far into a worker's data folder, unless it has some."""
    own = _file(data)
    if _KEPT.exists() and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_KEPT, own)


def keep_texts(data: Path) -> None:
    """Take over what the workers of a data folder know, when they have ended; a damaged file is left alone."""
    if not _file(data).exists():
        return
    fresh = _KEPT.with_suffix(".new")
    with suppress(sqlite3.Error):
        with closing(sqlite3.connect(_file(data))) as own, closing(sqlite3.connect(fresh)) as kept:
            own.backup(kept)
        if not _KEPT.exists() or fresh.stat().st_size > _KEPT.stat().st_size:
            fresh.replace(_KEPT)
    fresh.unlink(missing_ok=True)


def _file(data: Path) -> Path:
    return data / "cache" / "texts.sqlite"
