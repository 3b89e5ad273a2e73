"""A partition's state on the local disk, and the rule for using it again.

    <home>/<partition>.<slot>/lock        held by the one process that uses the folder
                             /clean.json  the mark: there only between an orderly close and the next use
                             /db/         RocksDB

The mark says that the database holds the state topic completely up to an offset; later records are read again from the
topic. It is written when the database is closed and durable, and removed before the database is opened. A killed worker
leaves no mark. Its database may lack some writes and have later ones, so it is wiped.

The records are those of the state topic: each has its own layout, and older ones are read by name. The mark has the
layout of the program that wrote it. A program that does not know this layout neither reads nor wipes the database.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO

import msgspec
import structlog

from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.profiles.state.codec import ROWS
from liveprofile.profiles.state.cold_store import DamagedStoreError
from liveprofile.streams.stages.profile.rocks_state import RocksMemory, RocksState

log = structlog.get_logger(__name__)

LAYOUT = 1
"""Of the folder; the layout of what is in it has a fingerprint."""
_LEAVE_OR_DELETE = (
    "Upgrade this worker. If the state topic was rebuilt for this version, delete the folder: it is made again from it."
)
MARK_LIFE_S = 24 * 3600.0
"""Longest age of a valid mark: the state topic drops tombstones after 48 hours, so older rows may be erased ones."""

Item = tuple[bytes, bytes | None]


class Mark(msgspec.Struct, frozen=True):
    """The content of the mark after an orderly close."""

    layout: int
    topic: str
    topic_id: str
    """Kafka's id of the topic: a replaced topic of the same name has another id. Empty if unknown."""
    through: int
    """Last offset of the partition that is in the database."""
    written_s: float
    row_layout: str = ROWS.layouts[0].fingerprint
    """Fingerprint of the rows' layout that the program had; marks without it are of the first layout."""


class LocalStates:
    """The local states of one application on this machine; its workers may share the folder."""

    def __init__(self, home: Path, topic: str, now_s: Callable[[], float] = time.time) -> None:
        """`topic` is the state topic; its id is set as soon as it is known."""
        self.home = home
        self.topic = topic
        self.topic_id = ""
        self._now_s = now_s
        self._memory = RocksMemory()

    def beside(self, topic: str, topic_id: str) -> LocalStates:
        """The local states of another state topic, in a folder of their own; they share the memory of these."""
        other = LocalStates(self.home / f"beside-{topic}", topic, self._now_s)
        other.topic_id, other._memory = topic_id, self._memory
        return other

    def forget(self, partition: int) -> None:
        """Delete what there is of a partition, but for what another process uses."""
        for folder in self.home.glob(f"{partition}.*"):
            if (lock := _lock(folder)) is not None:
                with lock:
                    _wipe(folder)

    def open(self, partition: int) -> LocalState:
        """Open the best unused folder of the partition, or a new one; wipe it unless its mark is valid."""
        self.home.mkdir(parents=True, exist_ok=True)
        folder, lock = self._take_folder(partition)
        try:
            mark, problem = self._read_mark(folder)
        except UnknownLayoutError:
            lock.close()
            raise
        _remove_durably(folder / "clean.json")
        state = LocalState(folder, lock, self._memory, self._write_mark)
        state.open(mark.through if mark is not None else -1, problem)
        return state

    def tidy(self) -> None:
        """Delete folders that can never be used again: they hold personal data, and nothing else would delete them."""
        for folder in sorted(self.home.glob("*.*")):
            if (lock := _lock(folder)) is None:
                continue
            with lock, suppress(UnknownLayoutError):
                mark, problem = self._read_mark(folder)
                if mark is None and problem:
                    log.warning(
                        "local state wiped", folder=str(folder), problem=problem, next="rebuilt where it is needed"
                    )
                    _wipe(folder)

        for folder in sorted(self.home.glob("beside-*/*.*")):  # of other generations
            if not self._is_young(folder / "clean.json") and (lock := _lock(folder)) is not None:
                with lock:
                    _wipe(folder)

    def _is_young(self, mark: Path) -> bool:
        return mark.exists() and self._now_s() - mark.stat().st_mtime <= MARK_LIFE_S

    def _take_folder(self, partition: int) -> tuple[Path, BinaryIO]:
        """A locked folder. A hanging worker may still hold its folder while another worker owns the partition."""
        known = sorted(self.home.glob(f"{partition}.*"), key=lambda folder: (-self._through(folder), folder.name))
        numbered = (self.home / f"{partition}.{slot}" for slot in count())
        for folder in chain(known, (folder for folder in numbered if not folder.exists())):
            folder.mkdir(exist_ok=True)
            if (lock := _lock(folder)) is not None:
                return folder, lock
        raise AssertionError("there is always an unused folder")

    def _through(self, folder: Path) -> int:
        with suppress(UnknownLayoutError):
            mark, _ = self._read_mark(folder)
            return mark.through if mark is not None else -1
        return -1

    def _read_mark(self, folder: Path) -> tuple[Mark | None, str]:
        """The mark if it is valid; else the reason why it is not, empty for a new folder.

        `UnknownLayoutError` if a newer program wrote it.
        """
        try:
            mark = msgspec.json.decode((folder / "clean.json").read_bytes(), type=Mark)
        except FileNotFoundError:
            return None, "the worker that used it did not stop in order" if (folder / "db").exists() else ""
        except (OSError, msgspec.MsgspecError) as error:
            return None, f"its mark cannot be read: {error}"
        if (mark.topic, mark.topic_id) != (self.topic, self.topic_id) or mark.layout < LAYOUT:
            wanted, found = (LAYOUT, self.topic, self.topic_id), (mark.layout, mark.topic, mark.topic_id)
            return None, f"it is of another layout or topic: {found}, expected {wanted}"
        if abs(self._now_s() - mark.written_s) > MARK_LIFE_S:
            return None, f"it is older than {MARK_LIFE_S / 3600:.0f} hours"
        if mark.layout > LAYOUT or mark.row_layout not in ROWS:
            found_layout = f"number {mark.layout}, rows {mark.row_layout}"
            known = f"{LAYOUT}, {ROWS.fingerprint}"
            raise UnknownLayoutError(f"the local state in {folder}", found_layout, known, _LEAVE_OR_DELETE)
        return mark, ""

    def _write_mark(self, folder: Path, through: int) -> None:
        mark = Mark(LAYOUT, self.topic, self.topic_id, through, self._now_s(), ROWS.fingerprint)
        _write_durably(folder / "clean.json", msgspec.json.encode(mark))


class LocalState:
    """A folder in use. `through` is the last offset of the state topic that it reflects, -1 for none."""

    def __init__(
        self, folder: Path, lock: BinaryIO, memory: RocksMemory, write_mark: Callable[[Path, int], None]
    ) -> None:
        self.folder = folder
        self.through = -1
        self.found = False
        """Whether the folder had data when it was opened."""
        self._lock = lock
        self._memory = memory
        self._write_mark = write_mark
        self._db: RocksState | None = None

    def open(self, through: int, problem: str) -> None:
        """Open the database as it is, or an empty one if `problem` is not empty."""
        if problem:
            return self.wipe(problem)
        try:
            if through < 0:
                _wipe(self.folder)
            self._db = RocksState(self.folder / "db", self._memory, new=through < 0)
            self.through, self.found = through, through >= 0
        except DamagedStoreError as error:
            self.wipe(str(error))

    def wipe(self, problem: str) -> None:
        """Begin anew with an empty database, and log the reason."""
        log.warning("local state wiped", folder=str(self.folder), problem=problem, next="rebuilt from the state topic")
        if self._db is not None:
            self._db.close()
        _wipe(self.folder)
        self._db = RocksState(self.folder / "db", self._memory, new=True)
        self.through, self.found = -1, False

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """As `ColdStore.get_many`."""
        return self._opened().get_many(keys)

    def put_many(self, items: Sequence[Item]) -> None:
        """Store records that are durable in the state topic; None deletes."""
        self._opened().put_many(items)

    def read_all(self) -> Generator[list[tuple[bytes, bytes]], None, None]:
        """All records, checked, in lists of a thousand."""
        return self._opened().read_all()

    @property
    def bytes_on_disk(self) -> int:
        """Size on disk; 0 once it is closed."""
        return self._db.bytes_on_disk if self._db is not None else 0

    def close(self) -> None:
        """Release the folder; write the mark for later use unless the database is damaged or empty."""
        db, self._db = self._db, None
        if db is not None and db.close() and self.through >= 0:
            self._write_mark(self.folder, self.through)
        self._lock.close()

    def _opened(self) -> RocksState:
        if self._db is None:
            raise RuntimeError(f"the local state in {self.folder} is closed")
        return self._db


def _lock(folder: Path) -> BinaryIO | None:
    """The folder's lock, which ends with its process; None if another process holds it."""
    file = (folder / "lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _wipe(folder: Path) -> None:
    """Delete all but the lock, which another process may wait for."""
    _remove_durably(folder / "clean.json")
    shutil.rmtree(folder / "db", ignore_errors=True)


def _remove_durably(file: Path) -> None:
    file.unlink(missing_ok=True)
    _sync(file.parent)


def _write_durably(file: Path, content: bytes) -> None:
    """Write the whole content or nothing, even if the machine crashes."""
    part = file.with_suffix(".part")
    with part.open("wb") as writing:
        writing.write(content)
        writing.flush()
        os.fsync(writing.fileno())
    part.replace(file)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
