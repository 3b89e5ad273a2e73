"""The hand-over at a SWITCH record: the worker that serves a partition goes on with the next generation of its state.

    what is published up to the record       by the old generation
    state of the next generation             loaded, claimed, and folded up to the record where it is behind
    snapshots and versions                   of profiles that differ: the next version, on `profiles`
    cursor of the old generation             says from here on where the state is: the one moment of the switch
    what is published beyond the record      by the next generation

A crash before the cursor is durable begins the hand-over again, and does the same; after it, the next generation is
loaded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import structlog

from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.fold.cursor import CURSOR_KEY, NAME_PREFIX, Cursor
from liveprofile.profiles.fold.hand_over import carry_over, carry_over_partition, continue_versions
from liveprofile.profiles.output.snapshot import EncodedSnapshot
from liveprofile.profiles.state.generation import STATE_GENERATION, AdoptedGeneration
from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.partition_state import StateReader
from liveprofile.streams.runtime.program import PROGRAM, is_older
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.stage import Outbox
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.loading import Loading
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.transport.record import Item

log = structlog.get_logger(__name__)

AT_ONCE = 1_000
"""Profiles compared before others may have the processor."""
WAIT_S = 5.0
"""How long the rebuilding worker has to reach the record; then the serving one folds what is left."""
LOOK_S = 0.25


class HandOver:
    """Takes partitions from one generation to the next."""

    def __init__(
        self,
        config: ProfileStageConfig,
        outbox: Outbox,
        read_state: StateReader,
        loading: Loading,
        wait_s: float = WAIT_S,
    ) -> None:
        self._config = config
        self._outbox = outbox
        self._read_state = read_state
        self._loading = loading
        self._wait_s = wait_s
        self.moved = 0
        """Another number whenever a hand-over has gone a step further; it can take minutes, within one batch."""
        self._one_at_a_time = asyncio.Lock()  # both generations of a partition are in memory meanwhile

    async def take(self, old: Partition, adopted: AdoptedGeneration) -> Partition:
        """The partition in the generation that the log has just put in force; `old` may not be used any more.

        `SetupError` where the settings or the program are not those that the generation was folded with.
        """
        self._require_same(adopted, old.number)
        through = old.fold.cursor.applied_through
        async with self._one_at_a_time:
            began = time.monotonic()
            new = await self._loading.load(old.number, adopted.generation)
            try:
                await self._reach(new, through)
                if new.fold.cursor.applied_through == through:  # beyond it, it has served already
                    await self._carry_over(old, new)
                await self._outbox.send_all(old.downstream.take())
                await self._leave(old, adopted)
            except BaseException:
                if new.local is not None:
                    new.local.close()
                raise
        log.info(
            "state handed over",
            partition=old.number,
            generation=adopted.generation,
            at=through - old.first,
            seconds=round(time.monotonic() - began, 2),
        )
        await self.clear(old)
        return new

    async def clear(self, left: Partition) -> None:
        """Remove from a state topic whose generation was left all but the cursor, which says where the state is."""
        names = [NAME_PREFIX + b"%08x" % digest for digest in left.fold.dictionary.known]
        for keys in _batches([*(await left.keys()), *names, *left.fold.parts], 10 * AT_ONCE):
            await self._outbox.send(left.state_topic, left.number, [(key, None, ()) for key in keys])
            self.moved += 1
        self._loading.forget(left)

    def _require_same(self, adopted: AdoptedGeneration, number: int) -> None:
        ours = self._config.policy.digest
        if adopted.config != ours or is_older(PROGRAM, adopted.program):
            raise SetupError(
                f"{self._config.topics.activity}/{number} switches to generation {adopted.generation} of the state. "
                f"liveprofile {adopted.program} has folded it under profile settings {adopted.config}; this worker is "
                f"liveprofile {PROGRAM} with settings {ours}, and has published nothing beyond the switch.",
                "Start a worker with the program and the settings of the rebuild: it goes on at the same record.",
            )

    async def _reach(self, new: Partition, through: int) -> None:
        """Have the new generation applied everything up to the record, by the rebuilding worker or else here."""
        deadline = time.monotonic() + self._wait_s
        while new.fold.cursor.applied_through < through and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_S)
            await self._loading.read_on(new)
        await self._loading.claim(new)
        if (behind := through - new.fold.cursor.applied_through) > 0:
            log.info("folding what the rebuild has not reached", partition=new.number, records=behind)
            await self._fold_silently(new, through)

    async def _fold_silently(self, new: Partition, through: int) -> None:
        start = max(0, new.fold.cursor.applied_through + 1 - new.first)
        reading = self._read_state(self._config.topics.activity, new.number, start_offset=start, progress=Progress())
        async for records in reading:
            wanted = [record for record in records if new.first + record[2] <= through]
            if wanted:
                keys, values, offsets = zip(*wanted, strict=True)
                new.fold.apply(keys, [value or b"" for value in values], [new.first + one for one in offsets])
                self.moved += 1
            if len(wanted) < len(records):
                break
            await asyncio.sleep(0)

    async def _carry_over(self, old: Partition, new: Partition) -> None:
        """Make what is published of `new` follow from what was published of `old`, and write it down."""
        carry_over_partition(old.fold, new.fold)
        differing, changed = 0, set(old.take_changed())
        known = await old.keys()
        others = sorted(set(await new.keys()) - set(known))
        for keys in _batches([*known, *others], AT_ONCE):
            compared = carry_over(old.fold, new.fold, keys)
            before, after = (_decoded(one.snapshots(compared.keys)) for one in (old, new))
            shown = np.array([not _alike(*both) for both in zip(before, after, strict=True)], bool)
            shown &= (compared.before["version"] > 0) | (new.fold.table.rows["version"][compared.places] > 0)
            continue_versions(new.fold, compared, shown)
            differing += int(shown.sum())
            different = {key for key, differs in zip(compared.keys, shown.tolist(), strict=True) if differs}
            await self._publish(new, sorted(different | changed.intersection(keys)))
            await self._write(new, with_cursor=False)
            self.moved += 1
            if old.local is not None:
                old.fold.evict(self._loading.limit())
        await self._write(new, with_cursor=True)
        log.info("generations compared", partition=new.number, profiles=len(known) + len(others), differing=differing)

    async def _publish(self, new: Partition, keys: Sequence[bytes]) -> None:
        items = new.snapshot_records(keys, new.snapshots(keys))
        await self._outbox.send(self._config.topics.profiles, new.number, items)

    async def _write(self, new: Partition, *, with_cursor: bool) -> None:
        for write in new.encode_state() if with_cursor else (new.encode_profiles(),):
            await self._outbox.send(write.topic, write.partition, write.items)
        await new.keep(self._loading.limit())
        await asyncio.sleep(0)

    async def _leave(self, old: Partition, adopted: AdoptedGeneration) -> None:
        """The moment of the switch: whoever loads the old generation from here on is sent to the new one.

        The mark needs no parts, because they are cleared.
        """
        cursor = old.fold.cursor
        pointing = Cursor(cursor.applied_through, adopted={STATE_GENERATION: adopted}, time=cursor.time)
        mark: Item = (CURSOR_KEY, pointing.encode(), ())
        await self._outbox.send(old.state_topic, old.number, [mark])


def _decoded(shown: Sequence[EncodedSnapshot | None]) -> list[ProfileSnapshot | None]:
    return [ProfileSnapshot.decode(one.value) if one is not None else None for one in shown]


def _alike(before: ProfileSnapshot | None, after: ProfileSnapshot | None) -> bool:
    """Whether others see the same, apart from the version."""
    if before is None or after is None:
        return before is after
    return msgspec.structs.replace(before, version=0) == msgspec.structs.replace(after, version=0)


def _batches(keys: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    for at in range(0, len(keys), size):
        yield keys[at : at + size]
