"""Compilation: the fold's functions are plain Python on numbers, which Numba turns into machine code once.

Fused multiply-add and reordering of sums stay off (Numba's default), so the arithmetic is what IEEE 754 says on every
machine.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import ParamSpec, TypeVar

import numba
from numba.core.caching import InTreeCacheLocator

P = ParamSpec("P")
R = TypeVar("R")

PACKAGE = Path(__file__).resolve().parents[1]
LEARNERS = PACKAGE.parent / "models" / "learners"
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


def sources_digest(package: Path = PACKAGE, others: Path = LEARNERS) -> str:
    """Twelve hex digits that change with any source of a package, or of `others`, whose constants it compiles in."""
    digest = sha256(numba.__version__.encode())
    for folder in (package, others):
        for source in sorted(folder.rglob("*.py")):
            digest.update(source.relative_to(folder).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def cache_folder(package: Path = PACKAGE) -> Path:
    """Where compiled code of exactly these sources is kept: NUMBA_CACHE_DIR, the user's cache, or beside the sources.

    Numba itself looks only at the file that a function stands in: after an edit in another file, what calls into that
    one would go on running as it was compiled before. A folder per state of all sources leaves no room for that, and
    lets every checkout of the same sources share it.
    """
    user = USER_CACHE.expanduser()
    root = Path(numba.config.CACHE_DIR) if numba.config.CACHE_DIR else user
    return (root if _is_writable(root) else package / "__pycache__") / f"{FOLDERS}{sources_digest(package)}"


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
        return str(CODE / Path(self._py_file).resolve().parent.relative_to(PACKAGE.parent))


CODE = cache_folder()
