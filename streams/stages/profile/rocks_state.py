"""RocksDB as the cold store of one partition: raw bytes, no write-ahead log, limited memory.

It needs no write-ahead log: after a stop that was not orderly the database is wiped and rebuilt from the state topic.
A kill costs a rebuild; in return, every write is only one copy into memory.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import cast

from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteBatch,
    WriteBufferManager,
    WriteOptions,
)

from liveprofile.profiles.state.cold_store import DamagedStoreError

CACHE_BYTES = 64 * 1024 * 1024
"""Blocks, indexes and filters in memory, of all databases of a process together."""
BUFFER_BYTES = 64 * 1024 * 1024
"""Unflushed writes in memory, of all databases of a process together."""
FILTER_BITS = 10
"""Bits of the Bloom filter per profile: 1% of the unknown profiles cost a read."""
BATCH = 1_000
"""Records per list of `read_all`."""
DAY_S = 24 * 3600


class RocksMemory:
    """The shared memory of all databases of a process."""

    def __init__(self, cache_bytes: int = CACHE_BYTES, buffer_bytes: int = BUFFER_BYTES) -> None:
        self.cache = Cache(cache_bytes)
        self.buffers = WriteBufferManager(buffer_bytes, False)


class RocksState:
    """An open database. Errors of RocksDB become `DamagedStoreError`."""

    def __init__(self, folder: Path, memory: RocksMemory, *, new: bool) -> None:
        """Make a `new` database, or open one that must be there."""
        self.damaged = False
        """Whether RocksDB has raised an error: then its content is not trusted."""
        self._folder = folder
        self._unlogged = WriteOptions()
        self._unlogged.disable_wal = True  # type: ignore[method-assign, assignment]  # a property, which rocksdict's stubs call a method
        try:
            self._db = Rdict(str(folder), _options(memory, new))
            # Overwritten and erased values leave the disk within about a day, and not only at some later compaction.
            self._db.set_options({"periodic_compaction_seconds": str(DAY_S)})
        except Exception as error:
            raise self._damaged(error) from error

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values of `keys`, in their order; None for those that are not known."""
        try:
            found = cast("list[bytes | None]", self._db.get(list(keys)))
        except Exception as error:
            raise self._damaged(error) from error
        return found

    def put_many(self, items: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Store values, later ones of a key over earlier ones; None deletes."""
        batch = WriteBatch(raw_mode=True)
        for key, value in items:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        try:
            self._db.write(batch, self._unlogged)
        except Exception as error:
            raise self._damaged(error) from error

    def read_all(self) -> Generator[list[tuple[bytes, bytes]], None, None]:
        """All records, in lists of a thousand. RocksDB checks the checksum of each block."""
        at = self._db.iter()
        try:
            at.seek_to_first()
            while at.valid():
                batch: list[tuple[bytes, bytes]] = []
                while at.valid() and len(batch) < BATCH:
                    batch.append((at.key(), at.value()))
                    at.next()
                yield batch
            at.status()  # an iterator ends silently at a damaged block
        except Exception as error:
            raise self._damaged(error) from error
        finally:
            del at  # a live iterator keeps the database open

    @property
    def bytes_on_disk(self) -> int:
        """Size of its table files."""
        return int(self._db.property_int_value("rocksdb.total-sst-files-size") or 0)

    def close(self) -> bool:
        """Release the folder; returns whether all stored values are durable on disk."""
        try:
            self._db.flush()
        except Exception as error:
            self._damaged(error)
        self._db.close()
        return not self.damaged

    def _damaged(self, error: Exception) -> DamagedStoreError:
        self.damaged = True
        return DamagedStoreError(
            f"the local state in {self._folder} is damaged: {error}; the next start rebuilds it from the state topic"
        )


def _options(memory: RocksMemory, new: bool) -> Options:
    """Options for point reads of values of about 1.5 KB that mostly miss the cache."""
    table = BlockBasedOptions()
    table.set_block_cache(memory.cache)
    table.set_bloom_filter(FILTER_BITS, False)
    table.set_cache_index_and_filter_blocks(True)
    table.set_pin_l0_filter_and_index_blocks_in_cache(True)
    options = Options(raw_mode=True)
    options.create_if_missing(new)
    options.set_block_based_table_factory(table)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_write_buffer_manager(memory.buffers)
    options.set_write_buffer_size(BUFFER_BYTES // 4)
    options.set_max_background_jobs(2)
    options.set_max_open_files(512)
    options.set_bytes_per_sync(1024 * 1024)
    options.set_max_log_file_size(1024 * 1024)
    options.set_keep_log_file_num(2)
    options.set_stats_dump_period_sec(0)
    return options
