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

P = ParamSpec("P")
R = TypeVar("R")

PACKAGE = Path(__file__).resolve().parents[1]
LEARNERS = PACKAGE.parent / "models" / "learners"
FOLDERS = "compiled-"
"""What the names of folders of compiled code begin with; the sources' digest follows."""


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call; the result is kept on disk for the next process."""
    dispatcher: Callable[P, R] = numba.njit(cache=True)(function)
    return dispatcher


def sources_digest(package: Path = PACKAGE, others: Path = LEARNERS) -> str:
    """Twelve hex digits that change with any source of a package, or of `others`, whose constants it compiles in."""
    digest = sha256(numba.__version__.encode())
    for folder in (package, others):
        for source in sorted(folder.rglob("*.py")):
            digest.update(source.relative_to(folder).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def cache_folder(package: Path = PACKAGE) -> Path:
    """Where compiled code of exactly these sources is kept.

    Numba itself looks only at the file that a function stands in: after an edit in another file, what calls into that
    one would go on running as it was compiled before. A folder per state of all sources leaves no room for that.
    """
    beside = package / "__pycache__"
    writable = os.access(beside if beside.is_dir() else package, os.W_OK)
    root = beside if writable else Path.home() / ".cache" / "liveprofile"
    return root / f"{FOLDERS}{sources_digest(package)}"


if not numba.config.CACHE_DIR:
    numba.config.CACHE_DIR = str(cache_folder())
