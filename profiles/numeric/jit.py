"""Compilation: the fold's functions are plain Python on numbers, which Numba compiles to machine code once.

Fused multiply-add and reordering of sums stay off (Numba's default), so all arithmetic follows IEEE 754 on every
machine.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import numba
from numba.core.caching import InTreeCacheLocator

from liveprofile.profiles.numeric.sources import sources_digest

P = ParamSpec("P")
R = TypeVar("R")

ROOT = Path(__file__).resolve().parents[2]
"""The folder of `profiles` and `models`."""
USER_CACHE = Path("~/.cache/liveprofile")
FOLDERS = "compiled-"
"""Prefix of the folders of compiled code; the digest of the sources follows."""


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call; the result is kept on disk for the next process."""
    before = numba.config.CACHE_LOCATOR_CLASSES
    numba.config.CACHE_LOCATOR_CLASSES = f"{__name__}.{BesideSameSources.__name__}"
    try:
        dispatcher: Callable[P, R] = numba.njit(cache=True)(function)
    finally:
        numba.config.CACHE_LOCATOR_CLASSES = before  # other programs choose their own cache
    return dispatcher


def cache_folder(root: Path = ROOT) -> Path:
    """Where compiled code of exactly these sources is kept: NUMBA_CACHE_DIR, the user's cache, or beside the sources.

    Numba itself checks only the file of a function: after an edit in another file, its callers would run the old
    compiled code. One folder per state of all sources prevents that, and every checkout of the same sources shares
    the folder.
    """
    cache = Path(numba.config.CACHE_DIR) if numba.config.CACHE_DIR else USER_CACHE.expanduser()
    beside = root / "profiles" / "__pycache__"
    return (cache if _is_writable(cache) else beside) / f"{FOLDERS}{sources_digest(root, numba.__version__)}"


def _is_writable(folder: Path) -> bool:
    """Whether a folder exists or can be made, and is writable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


class BesideSameSources(InTreeCacheLocator):  # type: ignore[misc]  # Numba has no types
    """Numba cache locator that uses the file's path in the checkout, not on the machine.

    Numba's own locators name a folder after the absolute path, so a second checkout compiles everything again.
    """

    def get_cache_path(self) -> str:
        """The folder of a function's compiled code."""
        return str(CODE / Path(self._py_file).resolve().parent.relative_to(ROOT))


CODE = cache_folder()
