"""Compilation: the fold's functions are plain Python on numbers, which Numba compiles to machine code once.

Fused multiply-add and reordering of sums stay off (Numba's default), so all arithmetic follows IEEE 754 on every
machine. Code counts no references either (`_nrt`): half of the fold's time went into atomic
counters of arrays that their callers hold anyway. So a function makes no arrays but those of `scratch`, and returns
none. Numba itself is imported by the first call: the declarations of traits and settings stand beside compiled
functions, and whoever reads only those (`--help`, a consumer of changes) need not wait for a compiler.
"""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar

from liveprofile.profiles.numeric.sources import sources_digest

if TYPE_CHECKING:
    from numba.core.types import Dispatcher

P = ParamSpec("P")
R = TypeVar("R")

ROOT = Path(__file__).resolve().parents[2]
"""The folder of `profiles` and `models`."""
USER_CACHE = Path("~/.cache/liveprofile")
FOLDERS = "compiled-"
"""Prefix of the folders of compiled code; the digest of the sources follows."""
LOCATOR = "liveprofile.profiles.numeric.cache_locator.BesideSameSources"


class compiled(Generic[P, R]):  # noqa: N801 - a decorator
    """Compile a function at its first call; the result is kept on disk for the next process."""

    def __init__(self, function: Callable[P, R]) -> None:
        functools.update_wrapper(self, function)
        self._function = function

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> R:
        """Call the machine code."""
        return self.dispatcher(*arguments, **named)

    @functools.cached_property
    def dispatcher(self) -> Callable[P, R]:
        """Numba's function, which chooses the machine code by the types of the arguments."""
        import numba

        before = numba.config.CACHE_LOCATOR_CLASSES
        numba.config.CACHE_LOCATOR_CLASSES = LOCATOR
        try:
            dispatcher: Callable[P, R] = numba.njit(cache=True, _nrt=False)(self._function)
        finally:
            numba.config.CACHE_LOCATOR_CLASSES = before  # other programs choose their own cache
        return dispatcher

    def code_for(self, *arguments: P.args, **named: P.kwargs) -> Callable[P, R]:
        """The machine code for arguments of these types, without the search for it, which takes microseconds an array.

        It does not look at the types of what it gets: another type or layout of an array is read as if it were these.
        """
        import numba

        assert not named, "machine code takes its arguments by their places"
        if not hasattr(self.dispatcher, "compile"):
            return self.dispatcher  # Numba is switched off
        code: Callable[P, R] = self.dispatcher.compile(tuple(numba.typeof(one) for one in arguments))
        return code

    @property
    def _numba_type_(self) -> "Dispatcher":
        """What Numba takes this for where compiled code calls it."""
        from numba.core.types import Dispatcher

        return Dispatcher(self.dispatcher)  # type: ignore[arg-type]  # what njit gives, typed as its function


@functools.cache
def cache_folder(root: Path = ROOT) -> Path:
    """Where compiled code of exactly these sources is kept: NUMBA_CACHE_DIR, the user's cache, or beside the sources.

    Numba itself checks only the file of a function: after an edit in another file, its callers would run the old
    compiled code. One folder per state of all sources prevents that, and every checkout of the same sources shares
    the folder.
    """
    import numba

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
