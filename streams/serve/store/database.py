"""RocksDB as the service's store: one key space, no write-ahead log, since Kafka is the log.

One key space, and not a column family for each kind: a crash leaves a beginning of what was written, in its order, so
the offsets in a batch never say more than the records beside them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from rocksdict import BlockBasedOptions, Cache, DBCompressionType, Options, Rdict, WriteBatch, WriteOptions

from liveprofile.streams.errors import SetupError
from liveprofile.streams.serve.store.keys import after

FORMAT = b"1"
"""Version of keys, envelopes and rows; a store of another one is made anew from Kafka."""
_FORMAT_KEY = b"#format"
_MIB = 1024 * 1024
BUFFER_BYTES = 32 * _MIB
FILTER_BITS = 10
DAY_S = 24 * 3600


class Writes:
    """Writes that happen together."""

    def __init__(self) -> None:
        self.batch = WriteBatch(raw_mode=True)
        self.keys: set[bytes] = set()
        """The keys that are put."""

    def put(self, key: bytes, value: bytes) -> None:
        """Store a value."""
        self.batch.put(key, value)
        self.keys.add(key)

    def delete(self, key: bytes) -> None:
        """Remove a key."""
        self.batch.delete(key)
        self.keys.discard(key)

    def delete_prefix(self, prefix: bytes) -> None:
        """Remove all keys that begin so."""
        self.batch.delete_range(prefix, after(prefix))
        self.keys = {key for key in self.keys if not key.startswith(prefix)}


class Database:
    """An open store. One process writes it; RocksDB's lock refuses a second one."""

    def __init__(self, folder: Path, cache_mb: int) -> None:
        """Open the store in `folder`, or make it. SetupError where another process has it, or it cannot be read."""
        self.folder = folder
        self._unlogged = WriteOptions()
        self._unlogged.disable_wal = True  # type: ignore[method-assign, assignment]  # a property, which rocksdict's stubs call a method
        self._cache = Cache(cache_mb * _MIB)
        self._closed = False
        self._db = self._open()
        if self.get(_FORMAT_KEY) not in (None, FORMAT):
            self.clear()
        writes = Writes()
        writes.put(_FORMAT_KEY, FORMAT)
        self.write(writes)

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        return cast("bytes | None", self._db.get(key))

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values of keys, in their order."""
        return cast("list[bytes | None]", self._db.get(list(keys))) if keys else []

    def scan(self, prefix: bytes, since: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys that begin with `prefix` and their values, in order, from the key `since` on."""
        # Not by an upper bound of RocksDB's: rocksdict 0.3.29 frees its bytes while the iterator still reads them.
        end, at = after(prefix), self._db.iter()
        at.seek(since or prefix)
        while at.valid() and (key := cast("bytes", at.key())) < end:
            yield key, cast("bytes", at.value())
            at.next()
        at.status()  # an iterator ends silently at a damaged block

    def write(self, writes: Writes) -> None:
        """All of it, or nothing."""
        self._db.write(writes.batch, self._unlogged)

    def clear(self) -> None:
        """Begin with an empty store."""
        self._db.close()
        shutil.rmtree(self.folder)
        self._db = self._open()

    def close(self) -> None:
        """Make everything durable, and let the folder go; again is nothing."""
        if not self._closed:
            self._closed = True
            self._db.flush()
            self._db.close()

    def bytes_on_disk(self) -> int:
        """Size of the files."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())

    def _open(self) -> Rdict:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            db = Rdict(str(self.folder), _options(self._cache))
        except Exception as error:  # rocksdict raises bare exceptions
            raise SetupError(
                f"The store in {self.folder} cannot be opened: {error}.",
                "If another `liveprofile serve` has it, give this one a folder of its own by serve.data_dir; if it is "
                "damaged, delete it: it is made anew from Kafka.",
            ) from error
        # Bytes of erased profiles leave the disk within about a day, and not only at some later compaction.
        db.set_options({"periodic_compaction_seconds": str(DAY_S)})
        return db


def _options(cache: Cache) -> Options:
    """Options for point reads of values of 2 to 7 KB and short scans."""
    table = BlockBasedOptions()
    table.set_block_cache(cache)
    table.set_bloom_filter(FILTER_BITS, False)
    table.set_cache_index_and_filter_blocks(True)
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_block_based_table_factory(table)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_bottommost_compression_type(DBCompressionType.zstd())
    options.set_write_buffer_size(BUFFER_BYTES)
    options.set_max_background_jobs(2)
    options.set_keep_log_file_num(2)
    return options
