"""The text cache's file: SQLite in WAL mode with a checksum per row; a damaged file is renamed and replaced.

Texts are known by keyed digests, so that nobody without the key can confirm a guess; the file and its folder are the
owner's alone. Texts that nobody asked for are removed, the longest unused first, before the file is too large.
"""

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import structlog

log = structlog.get_logger()

LAYOUT = 2
"""Stored in SQLite's user_version; a file of layout 1 is migrated, one with another layout renamed and replaced."""
UNKEYED_LAYOUT = 1
"""Digests without a key, and no time of use."""

MOST_BYTES = 1 << 30
"""Default of the largest size of the file: about two million texts."""
KEPT_SHARE = 0.9
"""Share of the texts that are left where the file is too large."""
CHECK_EVERY = 4_096
"""Texts written between two looks at the file's size."""

BUSY_S = 10.0
"""Longest wait for another process's transaction."""

ASK_AT_ONCE = 500
"""Keys in one query, below SQLite's historical limit of 999 parameters."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (
    key   BLOB PRIMARY KEY,   -- 16 bytes, keyed digest of model id and text
    crc   INTEGER NOT NULL,   -- of key and value: SQLite notices a damaged page, not a flipped bit in a value
    value BLOB NOT NULL,
    used  INTEGER NOT NULL    -- hours since 1970 at its last use
) WITHOUT ROWID
"""
BY_USE = "CREATE INDEX IF NOT EXISTS by_use ON texts (used)"
THIS_HOUR = "CAST(strftime('%s', 'now') AS INTEGER) / 3600"

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

    def __init__(self, path: Path, model_id: str, key: bytes, most_bytes: int = MOST_BYTES) -> None:
        """`key` makes the digests of texts; under another key no text is known."""
        self._path = path
        self._salt = blake2b(model_id.encode(), digest_size=16).digest()
        self._secret = blake2b(key, digest_size=32, person=b"text cache").digest()
        self._most_bytes = most_bytes
        self._written = CHECK_EVERY  # a file from before may be too large already
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
                self._connection.executemany(f"INSERT OR REPLACE INTO texts VALUES (?, ?, ?, {THIS_HOUR})", rows)
            self._written += len(rows)
            if self._written >= CHECK_EVERY:
                self._written = 0
                self._shrink()
        except sqlite3.Error as error:
            self._recover(error)

    def note_use(self, texts: Iterable[str]) -> None:
        """Remember that texts in the file were asked for, to the hour."""
        keys = [(self._key(text),) for text in texts]
        try:
            with self._connection:
                self._connection.executemany(
                    f"UPDATE texts SET used = {THIS_HOUR} WHERE key = ? AND used < {THIS_HOUR}", keys
                )
        except sqlite3.Error as error:
            self._recover(error)

    def close(self) -> None:
        """Close the file; the last one to do so folds the WAL into it."""
        self._connection.close()

    def _key(self, text: str) -> bytes:
        unkeyed = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._salt).digest()
        return _keyed(unkeyed, self._secret)

    def _shrink(self) -> None:
        """Remove the texts that were not used for the longest time, if the file is too large."""
        if _bytes_in_use(self._connection) <= self._most_bytes:
            return
        (texts,) = self._connection.execute("SELECT count(*) FROM texts").fetchone()
        surplus = texts - int(texts * min(KEPT_SHARE, self._most_bytes / _bytes_in_use(self._connection)))
        with self._connection:
            self._connection.execute(
                "DELETE FROM texts WHERE key IN (SELECT key FROM texts ORDER BY used LIMIT ?)", (surplus,)
            )
        log.info("text cache shrunk", file=str(self._path), texts=surplus, most_bytes=self._most_bytes)

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
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                return _open(self._path, self._secret), _inode(self._path)
            except sqlite3.Error as error:
                if _is_passing(error):
                    raise
                self._set_aside(error)
            return _open(self._path, self._secret), _inode(self._path)
        except (sqlite3.Error, OSError) as error:
            log.warning("text cache not on disk", file=str(self._path), error=str(error), next="check rights and space")
            return _prepared(sqlite3.connect(":memory:", check_same_thread=False), self._secret), _inode(self._path)

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


def _keyed(unkeyed: bytes, secret: bytes) -> bytes:
    """The key of a row: a keyed digest of the digest that layout 1 had, so that its rows can be migrated."""
    return blake2b(unkeyed, digest_size=16, key=secret).digest()


def _open(path: Path, secret: bytes) -> sqlite3.Connection:
    """A connection; sqlite3.Error where the file is not a sound cache of this layout.

    The file and its folder get the owner's rights alone. SQLite gives those of the file to its companions.
    """
    path.parent.chmod(0o700)
    _create(path)
    path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
    try:
        return _prepared(connection, secret)
    except sqlite3.Error:
        connection.close()
        raise


def _create(path: Path) -> None:
    """Make an empty file for the owner alone, unless there is one: that one must not be opened here.

    To close any descriptor of a file takes all locks on it from this process, and so from its connections. The next
    process that closes the cache would count as the last one, and delete the WAL that this one works with.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _prepared(connection: sqlite3.Connection, secret: bytes) -> sqlite3.Connection:
    """Set the modes and create the table; a damaged page deeper in the file is found only when it is read."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA secure_delete=ON")  # a removed digest is gone from the file
    connection.execute("PRAGMA synchronous=NORMAL")  # a power cut may lose the last transactions, never the file
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if layout not in (0, UNKEYED_LAYOUT, LAYOUT):
        raise sqlite3.DatabaseError(f"layout {layout}, this version reads {LAYOUT}")
    if layout == UNKEYED_LAYOUT:
        _migrate(connection, secret)
    elif layout == 0:
        connection.execute(SCHEMA)
        connection.execute(BY_USE)
        connection.execute(f"PRAGMA user_version={LAYOUT}")
    connection.execute("SELECT crc, value FROM texts LIMIT 1").fetchone()
    return connection


def _migrate(connection: sqlite3.Connection, secret: bytes) -> None:
    """Give the rows of layout 1 keyed digests; the old digests are overwritten. Another process may be faster."""
    connection.create_function("keyed", 1, lambda unkeyed: _keyed(unkeyed, secret), deterministic=True)
    connection.create_function("crc", 2, lambda key, value: zlib.crc32(key + value), deterministic=True)
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout != UNKEYED_LAYOUT:
            return
        connection.execute("ALTER TABLE texts RENAME TO unkeyed")
        connection.execute(SCHEMA)
        connection.execute(
            f"INSERT OR IGNORE INTO texts SELECT keyed(key), crc(keyed(key), value), value, {THIS_HOUR} FROM unkeyed "
            "WHERE crc = crc(key, value)"
        )
        connection.execute("DROP TABLE unkeyed")
        connection.execute(BY_USE)
        connection.execute(f"PRAGMA user_version={LAYOUT}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _bytes_in_use(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


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
