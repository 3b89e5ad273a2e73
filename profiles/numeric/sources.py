"""The sources of compiled code: the modules that compile functions, and all modules that they import."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOTS = ("profiles", "models")
_COMPILES = re.compile(rb"^from liveprofile\.profiles\.numeric\.jit import compiled$", re.MULTILINE)
_IMPORT = re.compile(rb"^\s*from liveprofile\.([\w.]+) import (\([^)]*\)|[^\n]*)", re.MULTILINE)
_NAME = re.compile(rb"\w+")


def sources_digest(root: Path, version: str) -> str:
    """Twelve hex digits that change with any source that a compiled function can depend on.

    `root` is the folder that holds `profiles` and `models`, `version` names the compiler. A module that no compiled
    function depends on does not count: an edit there keeps the compiled code valid.
    """
    digest = sha256(version.encode())
    for module in sorted(compiled_from(root)):
        digest.update(module.encode() + b"\0" + _path(root, module).read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def compiled_from(root: Path) -> set[str]:
    """The modules below `root` that compile functions, and those that they import, directly or not."""
    files = (file for name in ROOTS for file in (root / name).rglob("*.py"))
    waiting = [
        ".".join(file.relative_to(root).with_suffix("").parts) for file in files if _COMPILES.search(file.read_bytes())
    ]
    found: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += _imported(root, module)
    return found


def _imported(root: Path, module: str) -> Iterator[str]:
    """The modules of this project that a module imports, anywhere in its code."""
    for found in _IMPORT.finditer(_path(root, module).read_bytes()):
        name = found[1].decode()
        for wanted in (name, *(f"{name}.{one.decode()}" for one in _NAME.findall(found[2]))):
            if wanted.startswith(ROOTS) and _path(root, wanted).is_file():
                yield wanted


def _path(root: Path, module: str) -> Path:
    return root.joinpath(*module.split(".")).with_suffix(".py")
