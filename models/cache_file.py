"""The text cache's file: SQLite in WAL mode with a checksum per row; a damaged file is renamed and replaced."""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import structlog

log = structlog.get_logger()

LAYOUT = 1
"""Stored in SQLite's user_version; a file with another layout is renamed and replaced."""

BUSY_S = 10.0
"""Longest wait for another process's transaction."""

ASK_AT_ONCE = 500
"""Keys in one query, below SQLite's historical limit of 999 parameters."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (
    key   BLOB PRIMARY KEY,   -- 16 bytes, digest of model id and text
    crc   INTEGER NOT NULL,   -- of key and value: SQLite notices a damaged page, not a flipped bit in a value
    value BLOB NOT NULL
) WITHOUT ROWID
"""

PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
    }
)
"""Errors that do not mean a damaged file: locks, a full disk or missing rights."""


class CacheFile:
    """Bytes by text under one model id; one connection, used by one thread at a time.

    Errors of the file are never raised, because a cache can be filled again. Several objects may share a path, in one
    process or in many. When one of them replaces the file, the others notice it and open the new one.
    """

    def __init__(self, path: Path, model_id: str) -> None:
        self._path = path
        self._salt = blake2b(model_id.encode(), digest_size=16).digest()
        self._connection, self._inode = self._open_or_begin_anew()

    def read(self, texts: Sequence[str]) -> dict[str, bytes]:
        """The values of those `texts` that are in the file; a row with a wrong checksum counts as missing."""
        by_key = {self._key(text): text for text in texts}
        try:
            rows = [row for keys in _chunks(list(by_key)) for row in _select(self._connection, keys)]
        except sqlite3.Error as error:
            self._recover(error)
            return {}
        sound = {by_key[key]: value for key, crc, value in rows if _is_sound(key, crc, value)}
        if damaged := len(rows) - len(sound):
            log.warning("text cache damaged", file=str(self._path), rows=damaged, next="their texts are embedded again")
        return sound

    def write(self, items: Mapping[str, bytes]) -> None:
        """Store `items` in one transaction; if two processes write the same text, the last write wins."""
        keyed = [(self._key(text), value) for text, value in items.items()]
        if self._inode != _inode(self._path):
            self._reopen()
        try:
            with self._connection:
                rows = [(key, zlib.crc32(key + value), value) for key, value in keyed]
                self._connection.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._recover(error)

    def close(self) -> None:
        """Close the file; the last one to do so folds the WAL into it."""
        self._connection.close()

    def _key(self, text: str) -> bytes:
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._salt).digest()

    def _recover(self, error: sqlite3.Error) -> None:
        """After a failed read or write: ignore a passing error; replace a damaged file unless another object did."""
        if _is_passing(error):
            log.warning("text cache skipped", file=str(self._path), error=str(error), next="texts are embedded again")
            return
        if self._inode == _inode(self._path):
            self._set_aside(error)
        self._reopen()

    def _reopen(self) -> None:
        self._connection.close()
        self._connection, self._inode = self._open_or_begin_anew()

    def _open_or_begin_anew(self) -> tuple[sqlite3.Connection, int | None]:
        """Connection and inode: of the file if it is sound, else of a new file in its place, else in memory."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _open(self._path), _inode(self._path)
            except sqlite3.Error as error:
                if _is_passing(error):
                    raise
                self._set_aside(error)
            return _open(self._path), _inode(self._path)
        except (sqlite3.Error, OSError) as error:
            log.warning("text cache not on disk", file=str(self._path), error=str(error), next="check rights and space")
            return _prepared(sqlite3.connect(":memory:", check_same_thread=False)), _inode(self._path)

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Rename the damaged file, and delete its WAL files."""
        aside = self._path.with_name(self._path.name + ".damaged")
        log.warning("text cache damaged", file=str(self._path), error=str(error), kept_as=str(aside), next="it refills")
        try:
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        except OSError as refused:
            log.warning("text cache stays damaged", file=str(self._path), error=str(refused), next="delete it by hand")


def _open(path: Path) -> sqlite3.Connection:
    """A connection; sqlite3.Error where the file is not a sound cache of this layout."""
    connection = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
    try:
        return _prepared(connection)
    except sqlite3.Error:
        connection.close()
        raise


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Set the modes and create the table; a damaged page deeper in the file is found only when it is read."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # a power cut may lose the last transactions, never the file
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if layout not in (0, LAYOUT):
        raise sqlite3.DatabaseError(f"layout {layout}, this version reads {LAYOUT}")
    if layout == 0:
        connection.execute(SCHEMA)
        connection.execute(f"PRAGMA user_version={LAYOUT}")
    connection.execute("SELECT crc, value FROM texts LIMIT 1").fetchone()
    return connection


def _inode(path: Path) -> int | None:
    """The inode that the path has now; None without a file."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _is_passing(error: sqlite3.Error) -> bool:
    """Whether the error does not mean a damaged file; SQLite's primary code is the lower byte of the extended one."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in PASSING


def _is_sound(key: bytes, crc: int, value: bytes) -> bool:
    """Whether a row is unchanged since it was written; a damaged page may give other types than the schema's."""
    return isinstance(value, bytes) and zlib.crc32(key + value) == crc


def _select(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[tuple[bytes, int, bytes]]:
    marks = ",".join("?" * len(keys))
    return connection.execute(f"SELECT key, crc, value FROM texts WHERE key IN ({marks})", keys).fetchall()


def _chunks(keys: list[bytes]) -> Iterator[list[bytes]]:
    return (keys[start : start + ASK_AT_ONCE] for start in range(0, len(keys), ASK_AT_ONCE))
