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
"""What the names of folders of compiled code begin with; the sources' digest follows."""


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call; the result is kept on disk for the next process."""
    before = numba.config.CACHE_LOCATOR_CLASSES
    numba.config.CACHE_LOCATOR_CLASSES = f"{__name__}.{BesideSameSources.__name__}"
    try:
        dispatcher: Callable[P, R] = numba.njit(cache=True)(function)
    finally:
        numba.config.CACHE_LOCATOR_CLASSES = before  # functions of other programs are cached as they choose
    return dispatcher


def cache_folder(root: Path = ROOT) -> Path:
    """Where compiled code of exactly these sources is kept: NUMBA_CACHE_DIR, the user's cache, or beside the sources.

    Numba itself looks only at the file that a function stands in: after an edit in another file, what calls into that
    one would go on running as it was compiled before. A folder per state of all sources that compiled code can depend
    on leaves no room for that, and lets every checkout of the same sources share it.
    """
    cache = Path(numba.config.CACHE_DIR) if numba.config.CACHE_DIR else USER_CACHE.expanduser()
    beside = root / "profiles" / "__pycache__"
    return (cache if _is_writable(cache) else beside) / f"{FOLDERS}{sources_digest(root, numba.__version__)}"


def _is_writable(folder: Path) -> bool:
    """Whether a folder is there, or can be made, and takes files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


class BesideSameSources(InTreeCacheLocator):  # type: ignore[misc]  # Numba has no types
    """Where Numba keeps what it compiled from a function: by its file's place in the checkout, not on the machine.

    Numba's own locators name a folder after the absolute path, so a second checkout compiles everything again.
    """

    def get_cache_path(self) -> str:
        """The folder of a function's compiled code."""
        return str(CODE / Path(self._py_file).resolve().parent.relative_to(ROOT))


CODE = cache_folder()
