"""How help is laid out: lines that are set by hand are wrapped at words, too, under the column of their text."""

import re
import textwrap

import click

_COLUMN = re.compile(r"^(\s*\S.*?\s{2,})\S")
_PROGRAM = "liveprofile "


class HelpFormatter(click.HelpFormatter):
    """click's formatter, which leaves paragraphs after a backspace character as wide as they are."""

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        room = max(self.width - self.current_indent, 11)
        paragraphs = text.split("\n\n")
        super().write_text(
            "\n\n".join(_narrow(one, room) if one.lstrip().startswith("\b") else one for one in paragraphs)
        )


class HelpContext(click.Context):
    """The context of every command."""

    formatter_class = HelpFormatter


def use(command: click.Command) -> None:
    """Lay out the help of a command, and of those within it."""
    command.context_class = HelpContext
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            use(inner)


def _narrow(paragraph: str, width: int) -> str:
    return "\n".join(part for line in paragraph.split("\n") for part in narrow(line, width))


def narrow(line: str, width: int) -> list[str]:
    """A line that was set by hand, in lines of at most `width` columns where its words allow that.

    >>> narrow("  name    what it is, in several words", 26)
    ['  name    what it is, in', '          several words']
    >>> narrow("  liveprofile watch changes --json", 26)
    ['  liveprofile watch \\\\', '      changes --json']
    """
    if len(line) <= width:
        return [line]
    indent = len(line) - len(line.lstrip())
    command, _, comment = line.partition("  # ")
    if line.lstrip().startswith(_PROGRAM) and comment:
        return [*narrow(" " * indent + f"# {comment.strip()}", width), *narrow(command.rstrip(), width)]
    if line.lstrip().startswith(_PROGRAM):
        parts = _wrapped(line, width - 2, indent + 4)
        return [f"{part} \\" for part in parts[:-1]] + parts[-1:]
    column = _COLUMN.match(line)
    return _wrapped(line, width, len(column[1]) if column else indent)


def _wrapped(line: str, width: int, indent: int) -> list[str]:
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )
