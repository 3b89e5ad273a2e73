"""Reads a file of events, one JSON object a line, and finds out which input each is for."""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, Self

import msgspec
from msgspec import Raw

from liveprofile.streams.contract.inputs import INPUTS, MAX_RECORD_BYTES, input_kind
from liveprofile.streams.errors import DataError, UserError

LONGEST_LINE = MAX_RECORD_BYTES + 2
"""What is longer is refused in any case; no more of it is kept."""
_BOM = b"\xef\xbb\xbf"
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_TEXT = msgspec.json.Decoder(str)


class Line(NamedTuple):
    """One record: the line that it stands on, its input, and the value as a producer would send it."""

    number: int
    topic: str
    value: bytes


class LineFile:
    """A file, plain or .gz, or standard input for `-`; `position` counts the bytes of the file that were read."""

    def __init__(self, path: str) -> None:
        self.name = "standard input" if path == "-" else Path(path).name
        self.size: int | None = None
        self._raw: IO[bytes]
        if path == "-":
            self._raw = self._bytes = sys.stdin.buffer
            return
        try:
            self._raw = Path(path).open("rb")  # noqa: SIM115  # __exit__ closes it
            self.size = Path(path).stat().st_size
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
        self._bytes = gzip.open(self._raw) if path.endswith(".gz") else self._raw  # noqa: SIM115  # as above

    @property
    def position(self) -> int:
        """Bytes of the file read so far; 0 for standard input."""
        return 0 if self.size is None else self._raw.tell()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Number, from 1, and bytes of each line that is not empty, without its end. DataError for an array."""
        number, started = 0, False
        try:
            while line := self._bytes.readline(LONGEST_LINE):
                number += 1
                if not line.endswith(b"\n"):
                    self._skip_rest()
                bare = line.rstrip(b"\r\n")
                if not bare.strip() or bare == _BOM:
                    continue
                if not started and bare.removeprefix(_BOM).lstrip().startswith(b"["):
                    raise _array(self.name)
                started = True
                yield number, bare
        except (OSError, EOFError) as error:
            raise DataError(f"{self.name} cannot be read to its end: {error}.", "Is it a whole file?") from error

    def _skip_rest(self) -> None:
        """Read on to the end of a line that is too long to be kept."""
        while (more := self._bytes.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.size is not None:
            self._bytes.close()
            self._raw.close()


def read(file: LineFile, given: str | None) -> Iterator[Line]:
    """The records of a file. UserError if nothing says which input a record is for.

    `given` is the input of all records. Else the record's own field `topic` says it, as for `liveprofile replay`, which
    is no part of the record; else the file's name. A line `{"topic": ..., "record": {...}}` is a record in a wrapper.
    """
    by_name = given or input_of_name(file.name)
    last: str | None = by_name
    for number, line in file.lines():
        topic, value = _unwrapped(number, line, given)
        known = topic or by_name or (None if _is_object(line) else last or next(iter(INPUTS)))
        if known is None:
            raise UserError(
                f"Line {number} does not say which input it is for.",
                f"Say it for all: --input with one of {', '.join(INPUTS)}; or put a field topic in each line.",
            )
        last = known
        yield Line(number, known, value)


def input_of_name(name: str) -> str | None:
    """The input that a file's name says; None if it names none, or several.

    >>> input_of_name("2026-clicks.jsonl.gz"), input_of_name("mine.jsonl"), input_of_name("search_log.json")
    ('clicks', None, 'searches')
    """
    words = name.lower()
    found = [topic for topic in INPUTS if topic in words or _SINGULAR[topic] in words]
    return found[0] if len(found) == 1 else None


_SINGULAR = {
    "clicks": "click",
    "searches": "search",
    "purchases": "purchase",
    "reviews": "review",
    "feedback": "feedback",
    "declarations": "declaration",
}


def _unwrapped(number: int, line: bytes, given: str | None) -> tuple[str | None, bytes]:
    """The input that a line names itself, and the record without that name."""
    if given is not None or b'"topic"' not in line:
        return None, line
    try:
        fields = _FIELDS.decode(line.removeprefix(_BOM))
        name = _TEXT.decode(fields["topic"])
    except (msgspec.MsgspecError, KeyError, ValueError, RecursionError):
        return None, line
    try:
        topic = input_kind(name)
    except ValueError:
        raise DataError(
            f"Line {number} has a topic that is no input.", f"Take one of {', '.join(INPUTS)}, or give --input."
        ) from None
    if "record" in fields and "record" not in INPUTS[topic].__struct_fields__:
        return topic, bytes(fields["record"])
    return topic, msgspec.json.encode({key: raw for key, raw in fields.items() if key != "topic"})


def _array(name: str) -> DataError:
    return DataError(f"{name} is an array of JSON.", "Put one record on each line: jq -c '.[]' FILE > lines.jsonl")


def _is_object(line: bytes) -> bool:
    try:
        _FIELDS.decode(line.removeprefix(_BOM))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True
