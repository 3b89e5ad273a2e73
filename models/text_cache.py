"""Cache of computed results by text: recent texts in memory, all texts in one SQLite file that processes share."""

import queue
import threading
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from liveprofile.models.cache_file import MOST_BYTES, CacheFile

WRITE_AT_ONCE = 2048
"""Most texts in one transaction."""


class TextCache:
    """Opaque bytes by text, for one model id; callers normalise texts, because they are compared byte by byte.

    Memory holds two generations of at most half of `entries` texts each. A hit is one lookup in a dict. New and
    promoted texts enter the young generation. When it is full, it becomes the old one, and the previous old one is
    dropped. That approximates LRU within a factor of two, and a hit moves nothing.

    A miss is looked up in the file, which also serves other processes and the next start. A background thread writes;
    results that a crash loses are computed again. The file holds keyed digests of texts, never a text.
    """

    def __init__(
        self, path: Path, model_id: str, entries: int = 200_000, *, key: bytes, most_bytes: int = MOST_BYTES
    ) -> None:
        """`key` makes the digests in the file, of at most `most_bytes`: the texts unused for longest go."""
        self._half = max(1, entries // 2)
        self._young: dict[str, bytes] = {}
        self._old: dict[str, bytes] = {}
        self._reading = CacheFile(path, model_id, key, most_bytes)
        self._writing = CacheFile(
            path, model_id, key, most_bytes
        )  # a separate connection: in WAL mode a read never waits for a write
        self._unwritten: queue.SimpleQueue[Mapping[str, bytes | None] | None] = queue.SimpleQueue()
        """What the background thread has to write; None for a value says that the text in the file was used."""
        self._writer = threading.Thread(target=self._write_behind, name="text-cache-writer", daemon=True)
        self._writer.start()

    def get_many(self, texts: Sequence[str]) -> dict[str, bytes]:
        """The values of the known `texts`; unknown texts are missing from the result."""
        young = self._young
        found = {text: young[text] for text in texts if text in young}
        if len(found) < len(texts):
            self._find_elsewhere(texts, found)
        return found

    def put_many(self, items: Mapping[str, bytes]) -> None:
        """Store `items`; they can be read at once, and reach the disk a moment later."""
        self._remember(items)
        self._unwritten.put(items)

    def close(self) -> None:
        """Write what is left and close the file; a second call does nothing."""
        if self._writer.is_alive():
            self._unwritten.put(None)
            self._writer.join()
        self._writing.close()
        self._reading.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _find_elsewhere(self, texts: Sequence[str], found: dict[str, bytes]) -> None:
        """Add entries of the old generation and of the file to `found`, and promote them to the young generation."""
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        again = {text: self._old[text] for text in missing if text in self._old}
        unknown = [text for text in missing if text not in again]
        if unknown:
            in_file = self._reading.read(unknown)
            again.update(in_file)
            if in_file:
                self._unwritten.put(dict.fromkeys(in_file))
        if again:
            found.update(again)
            self._remember(again)

    def _remember(self, items: Mapping[str, bytes]) -> None:
        """Add to the young generation, which replaces the old one when it is full."""
        if len(items) > self._half:
            items = dict(islice(items.items(), self._half))
        if len(self._young) + len(items) > self._half:
            self._old, self._young = self._young, {}
        self._young.update(items)

    def _write_behind(self) -> None:
        """Write the items put since the last transaction, repeatedly, until the closing None."""
        closing = False
        while not closing:
            gathered: dict[str, bytes | None] = {}
            item = self._unwritten.get()
            while item is not None:
                gathered |= {text: value for text, value in item.items() if value is not None or text not in gathered}
                if self._unwritten.empty() or len(gathered) >= WRITE_AT_ONCE:
                    break
                item = self._unwritten.get()
            closing = item is None
            if new := {text: value for text, value in gathered.items() if value is not None}:
                self._writing.write(new)
            if used := [text for text, value in gathered.items() if value is None]:
                self._writing.note_use(used)
