"""Opens a data file by its extension, plain or gzip, and counts the bytes read."""

import gzip
import io
from pathlib import Path
from typing import Self, TextIO

from liveprofile.streams.errors import UserError


class _Numbered(io.TextIOWrapper):
    """A text file that knows its place."""

    number = 0
    last = ""

    def __next__(self) -> str:  # type: ignore[override]  # typeshed has the bytes of its base
        self.last = super().__next__()
        self.number += 1
        return self.last


class DataFile:
    """A text file open for reading; `position` counts the bytes on disk, compressed or not, for a progress bar."""

    def __init__(self, path: Path) -> None:
        try:
            self._raw = path.open("rb")
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
        self.size = path.stat().st_size
        stream = gzip.GzipFile(fileobj=self._raw) if path.suffix == ".gz" else self._raw
        self._numbered = _Numbered(stream, encoding="utf-8-sig", errors="replace", newline="")
        self.lines: TextIO = self._numbered

    @property
    def line(self) -> tuple[int, str]:
        """Number, from 1, and text of the line that was read last."""
        return self._numbered.number, self._numbered.last.rstrip("\r\n")

    @property
    def position(self) -> int:
        """Bytes of the file read so far."""
        return self.size if self._raw.closed else self._raw.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.close()
        self._raw.close()
