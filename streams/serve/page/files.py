"""The files of the page, read once: compressed, and under a path that has their digest, so that browsers keep them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from posixpath import dirname, join, normpath

ROOT = "/page/"
MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
"""Files with other endings, such as the types of the libraries, are not served."""
FIRST = ("main.js", "views/now.js")
"""Modules that are asked for at once with all that they import, instead of one round trip after the other."""
_IMPORT = re.compile(rb'^import (?:.* from )?"([^"]+)"', re.MULTILINE)
_FOR_EVER = b"public, max-age=31536000, immutable"
_ASK_FIRST = b"no-cache"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    body: bytes
    packed: bytes
    """By gzip."""
    media_type: bytes
    etag: bytes
    cache: bytes


class Files:
    """All files by the path of their address.

    >>> page = Files()
    >>> b"<html" in page.find("/").body, page.find("/page/another-release/main.js") is not None, page.find("/page/x")
    (True, True, None)
    """

    def __init__(self) -> None:
        """Read from the package."""
        found = dict(_read(files("liveprofile.streams.serve.page").joinpath("site"), ""))
        digest = sha256(b"".join(name.encode() + body for name, body in sorted(found.items()))).hexdigest()[:12]
        self._base = f"{ROOT}{digest}"
        preloads = "".join(
            f'    <link rel="modulepreload" href="{{base}}/{name}" />\n' for name in _at_once(found, *FIRST)
        )
        index = found.pop("index.html").replace(b"{preloads}", preloads.encode())
        index = index.replace(b"{base}", self._base.encode())
        self._index = _file("index.html", index, _ASK_FIRST)
        self._kept = {name: _file(name, body, _FOR_EVER) for name, body in found.items()}

    def find(self, path: str) -> File | None:
        """The file of a path; None where the page has none.

        A path with the digest of another release, as of a page that was open during an upgrade, gets the file of
        this one, which a browser is told not to keep.
        """
        if path == "/":
            return self._index
        if not path.startswith(ROOT):
            return None
        release, _, name = path.removeprefix(ROOT).partition("/")
        file = self._kept.get(name)
        if file is None or f"{ROOT}{release}" == self._base:
            return file
        return File(file.body, file.packed, file.media_type, file.etag, _ASK_FIRST)


def _at_once(found: Mapping[str, bytes], *names: str) -> list[str]:
    """Modules, and what they import at once, each one time.

    >>> _at_once({"a.js": b'import { b } from "./parts/b.js";\\n', "parts/b.js": b"const b = 1;"}, "a.js")
    ['a.js', 'parts/b.js']
    """
    ordered = list(names)
    for name in ordered:
        imported = (normpath(join(dirname(name), one.decode())) for one in _IMPORT.findall(found[name]))
        ordered += [one for one in dict.fromkeys(imported) if one not in ordered]
    return ordered


def _read(folder: Traversable, within: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for one in folder.iterdir():
        name = f"{within}{one.name}"
        if one.is_dir():
            found += _read(one, f"{name}/")
        elif name.rpartition(".")[2] in MEDIA_TYPES and not name.endswith(".d.ts"):
            found.append((name, one.read_bytes()))
    return found


def _file(name: str, body: bytes, cache: bytes) -> File:
    media_type = MEDIA_TYPES[name.rpartition(".")[2]].encode()
    etag = b'"%s"' % sha256(body).hexdigest()[:16].encode()
    return File(body, gzip.compress(body, 9, mtime=0), media_type, etag, cache)
