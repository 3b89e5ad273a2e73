"""What a partition's checkpoint writes, and in which order, so that a crash between two writes loses nothing."""

from dataclasses import dataclass

from support.activities import activity, erasure, tick
from support.ingest_fakes import MemoryOutbox

from liveprofile.profiles.fold.cursor import CURSOR_KEY
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.checkpoint import Write
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition

TOPICS = Topics()
ANNA, BERT, CARL = b"a" * 32, b"b" * 32, b"c" * 32


@dataclass
class KeyedRecord:
    """A record of `activity`, as far as the stage reads it."""

    key: bytes
    value: bytes
    offset: int
    headers: tuple[()] = ()

    @property
    def timestamp(self) -> int:
        """A second for each record."""
        return 1000 * (self.offset + 1)


async def partition_after(*records: tuple[bytes, bytes]) -> tuple[Partition, MemoryOutbox, ProfileCounters]:
    """A partition that has taken these keys and values."""
    outbox, counters = MemoryOutbox(), ProfileCounters()
    config = ProfileStageConfig(TOPICS, Policy(), None)
    partition = Partition(0, config, outbox, CloudEvents("shop", lambda: 0), counters)
    await partition.take([KeyedRecord(key, value, at) for at, (key, value) in enumerate(records)])
    return partition, outbox, counters


def all_writes(partition: Partition) -> list[Write]:
    return [write for step in partition.encode() for write in step]


def shopping(key: bytes, first: int) -> list[tuple[bytes, bytes]]:
    return [(key, activity(at_s=at, offset=first + at)) for at in range(20)]


async def test_snapshots_are_written_before_profiles_and_the_cursor_last() -> None:
    """A profile that is durable is not folded again: a snapshot that a crash kept back would never be written."""
    partition, _, _ = await partition_after(*shopping(ANNA, 0))
    for_others, state, cursor = partition.encode()
    assert [write.topic for write in for_others] == [TOPICS.profiles, TOPICS.examples]
    assert [key for key, _, _ in for_others[0].items] == [ANNA]
    assert [write.topic for write in (*state, *cursor)] == [TOPICS.state, TOPICS.state]
    assert [key for key, _, _ in cursor[0].items] == [CURSOR_KEY]


async def test_an_erased_profile_gets_a_tombstone_and_others_their_snapshot() -> None:
    log = [*shopping(ANNA, 0), *shopping(BERT, 100), (ANNA, erasure(60)), *shopping(ANNA, 200)]
    partition, outbox, counters = await partition_after(*log)
    snapshots = {key: value for key, value, _ in all_writes(partition)[0].items}
    assert snapshots.keys() == {ANNA, BERT}
    assert (snapshots[ANNA], counters.erased) == (None, 20)
    assert b'"origin":"erasure"' in outbox.values(TOPICS.profile_changes)[-1]


async def test_an_erasure_is_pending_until_a_checkpoint_that_has_it_is_durable() -> None:
    log = [*shopping(ANNA, 0), *shopping(BERT, 100), (ANNA, erasure(60)), (BERT, erasure(61))]
    partition, _, _ = await partition_after(*log)
    assert partition.erasures.oldest_ms == 41_000, "the broker's time of the first one"
    partition.encode()
    await partition.take([KeyedRecord(key, value, 42 + at) for at, (key, value) in enumerate(shopping(CARL, 200))])
    await partition.take([KeyedRecord(CARL, erasure(90), 62)])
    assert partition.erasures.oldest_ms == 41_000, "written, and not durable yet"
    partition.erasures.kept()
    assert partition.erasures.oldest_ms == 63_000, "what came during the checkpoint is in the next one"
    partition.encode()
    partition.erasures.kept()
    assert partition.erasures.oldest_ms == 0


async def test_a_summary_of_quality_is_written_last_and_names_nobody() -> None:
    keys = [bytes([97 + at]) * 32 for at in range(12)]
    acts = [(key, activity(at_s=at, offset=20 * who + at)) for who, key in enumerate(keys) for at in range(20)]
    partition, _, _ = await partition_after(*acts, (b"\x00tick", tick(30)))
    (*_, last), _, _ = partition.encode()
    assert (last.topic, len(last.items)) == (TOPICS.model_events, 1)
    key, value, _ = last.items[0]
    assert key == b"profiles" and not any(one in (value or b"") for one in keys)


async def test_a_checkpoint_writes_one_snapshot_of_a_profile_however_often_it_has_changed() -> None:
    partition, outbox, _ = await partition_after(*shopping(ANNA, 0))
    later = [(ANNA, activity(at_s=90_000 + at, offset=200 + at, topic="toys/puzzles")) for at in range(20)]
    await partition.take([KeyedRecord(key, value, 100 + at) for at, (key, value) in enumerate(later)])
    assert len(outbox.values(TOPICS.profile_changes)) > 2
    first, *_ = all_writes(partition)
    assert [key for key, _, _ in first.items] == [ANNA]
    assert [write.items for write in all_writes(partition) if write.topic == TOPICS.profiles] == [[]]
