"""Wraps text for a terminal: at words, with a hanging indent; in a pipe nothing is wrapped."""

import shutil
import textwrap
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.text import Text

NARROW = 40
"""Columns below which an indent leaves no room, and becomes two."""


def hanging(text: str, indent: int, width: int | None) -> str:
    """Text whose further lines begin under the column `indent`; None as the width wraps nothing.

    >>> print(hanging("Error: the port is in use by another process", 7, 30))
    Error: the port is in use by
           another process
    """
    if width is None or len(text) <= width:
        return text
    room = indent if width - indent >= NARROW // 2 else 2
    return textwrap.fill(text, width, subsequent_indent=" " * room, break_long_words=False, break_on_hyphens=False)


def width_of(stream: IO[Any]) -> int | None:
    """The columns of the terminal that a stream goes to; None for a pipe or a file."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def hanging_lines(text: "Text", indent: int, console: "Console") -> "Iterator[Text]":
    """The same for styled text: its first `indent` characters are columns, and what follows is wrapped beside them."""
    from rich.text import Text

    wide = console.width - indent >= NARROW
    room = indent if wide else 2
    head, body = (text[:indent], text[indent:]) if wide else (Text(""), text)
    for number, line in enumerate(body.wrap(console, console.width - room)):
        line.rstrip()
        yield head + line if number == 0 else Text(" " * room) + line
