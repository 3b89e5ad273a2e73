"""Reading a state partition: records from where to where, damaged and missing ones, and a read that stands still."""

import struct
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, NotLeaderForPartitionError, TopicAuthorizationFailedError
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from liveprofile.streams.runtime import partition_fetch, partition_state
from liveprofile.streams.runtime.partition_fetch import decode, fetch
from liveprofile.streams.runtime.partition_state import (
    StateBeyondTopicError,
    StateReadError,
    _records_until,
    read_partition,
)
from liveprofile.streams.runtime.progress import Progress

PLACE = TopicPartition("state", 2)
NOT_LEADER, DENIED = NotLeaderForPartitionError.errno, TopicAuthorizationFailedError.errno


def batch(base: int, offsets: Iterable[int], *, control: bool = False) -> bytes:
    """A batch as a broker has it, with these offsets."""
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=1 << 20,
    )  # fmt: skip
    for at in offsets:
        builder.append(at - base, timestamp=1_000, key=b"k%d" % at, value=b"v%d" % at, headers=[])
    made = bytearray(builder.build())
    struct.pack_into(">q", made, 0, base)
    if control:
        made[22] |= 0x20  # in the attributes, which begin at byte 21, behind the checksum that covers the rest
        struct.pack_into(">I", made, 17, calc_crc32c(bytes(made[21:])))
    return bytes(made)


def keys(records: Any) -> list[bytes]:
    return [key for key, _, _ in records]


def test_records_are_those_from_the_start_up_to_the_end_and_the_next_fetch_is_behind_the_batch() -> None:
    records, then = decode(batch(10, range(10, 16)), 12, 15)
    assert [offset for _, _, offset in records] == [12, 13, 14] and then == 16
    assert records[0] == (b"k12", b"v12", 12)


def test_several_batches_are_read_in_their_order() -> None:
    records, then = decode(batch(10, range(10, 12)) + batch(12, [12, 14]), 10, 99)
    assert keys(records) == [b"k10", b"k11", b"k12", b"k14"] and then == 15


def test_what_brokers_write_for_themselves_is_passed_over() -> None:
    records, then = decode(batch(10, [10]) + batch(11, [11], control=True) + batch(12, [12]), 10, 99)
    assert keys(records) == [b"k10", b"k12"] and then == 13


def test_a_batch_with_a_wrong_checksum_is_not_read() -> None:
    damaged = bytearray(batch(10, range(10, 12)))
    damaged[-2] ^= 1
    with pytest.raises(CorruptRecordException, match="offset 10 has a wrong checksum"):
        decode(bytes(damaged), 10, 12)


class Client:
    """A client of a broker that answers with these results of a fetch: bytes, an error code, or nothing new."""

    def __init__(self, *answers: bytes | int, leader: int | None = 7) -> None:
        self._answers = list(answers)
        self._leader = leader
        self.cluster = SimpleNamespace(leader_for_partition=lambda place: self._leader)
        self.asked: list[tuple[int, Any]] = []
        self.updates = 0
        self.topics: list[str] = []

    async def send(self, leader: int, request: Any) -> Any:
        self.asked.append((leader, request))
        answer = self._answers.pop(0) if self._answers else b""
        code, found = (answer, b"") if isinstance(answer, int) else (0, answer)
        return SimpleNamespace(topics=[("state", [(2, code, 99, found)])])

    async def force_metadata_update(self) -> None:
        self.updates += 1

    async def add_topic(self, topic: str) -> None:
        self.topics.append(topic)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition_fetch, "RETRY_S", 0.0)


async def test_the_leader_is_asked_and_its_bytes_are_given() -> None:
    client = Client(b"found")
    assert await fetch(client, PLACE, 10, 1_000) == b"found"
    assert [leader for leader, _ in client.asked] == [7] and not client.updates


@pytest.mark.parametrize("leader", [0, 1])
async def test_a_broker_of_any_number_may_be_the_leader(leader: int) -> None:
    assert await fetch(Client(b"found", leader=leader), PLACE, 10, 1_000) == b"found"


@pytest.mark.parametrize("leader", [None, -1])
async def test_without_a_leader_nobody_is_asked_and_metadata_are(leader: int | None) -> None:
    client = Client(b"found", leader=leader)
    assert await fetch(client, PLACE, 10, 1_000) == b""
    assert not client.asked and client.updates == 1


async def test_an_error_that_passes_is_tried_again_and_another_one_is_raised() -> None:
    client = Client(NOT_LEADER, DENIED)
    assert await fetch(client, PLACE, 10, 1_000) == b"" and client.updates == 1
    with pytest.raises(TopicAuthorizationFailedError, match="fetching state/2 from offset 10"):
        await fetch(client, PLACE, 10, 1_000)
    assert client.updates == 1


def gate(*, away: bool = False) -> Any:
    return SimpleNamespace(was_away=lambda within_s: away)


async def read(client: Client, progress: Progress, *, stall_s: float = 5.0, away: bool = False) -> list[bytes]:
    found = [one async for one in _records_until(client, gate(away=away), PLACE, progress, stall_s)]
    return [key for one in found for key in keys(one)]


async def test_a_partition_is_read_to_the_end_that_it_had_and_counted() -> None:
    progress = Progress(start=10, reached=10, end=14)
    client = Client(batch(10, [10, 11]), b"", batch(12, [12, 13, 14, 15]), batch(16, [16]))
    assert await read(client, progress) == [b"k10", b"k11", b"k12", b"k13"]
    assert (progress.reached, progress.records, client.topics) == (16, 4, ["state"])
    assert len(client.asked) == 3


async def test_an_empty_partition_is_read_without_a_fetch() -> None:
    client = Client(b"x")
    assert await read(client, Progress(start=5, reached=5, end=5)) == [] and not client.asked
    assert await read(client, Progress(start=7, reached=7, end=5)) == [] and not client.asked


async def test_a_read_that_stands_still_while_brokers_answer_is_an_error_with_its_place() -> None:
    with pytest.raises(StateReadError, match="state/2 is stuck at offset 10 of 12 for 0 s"):
        await read(Client(), Progress(start=10, reached=10, end=12), stall_s=0.0)


async def test_a_read_that_stands_still_because_no_broker_answers_goes_on() -> None:
    client = Client(*[b""] * 20, batch(10, [10, 11]))
    assert await read(client, Progress(start=10, reached=10, end=12), stall_s=0.0, away=True) == [b"k10", b"k11"]


class Consumer:
    """What a read asks aiokafka's consumer."""

    def __init__(self, client: Client, first: int, end: int, partitions: set[int] | None) -> None:
        async def fetch_all_metadata() -> Any:
            return SimpleNamespace(partitions_for_topic=lambda topic: partitions)

        client.fetch_all_metadata = fetch_all_metadata  # type: ignore[attr-defined]
        self._client = client
        self._first, self._end = first, end
        self.stopped = 0

    async def start(self) -> None:
        """Connected."""

    async def stop(self) -> None:
        self.stopped += 1

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self._first)

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self._end)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let reads have this consumer."""

    def open_with(consumer: Consumer) -> Consumer:
        monkeypatch.setattr(partition_state, "AIOKafkaConsumer", lambda **settings: consumer)
        monkeypatch.setattr(partition_state, "ConnectionGate", lambda client: gate())
        return consumer

    return open_with


async def read_all(**given: Any) -> list[bytes]:
    return [key async for one in read_partition("here:9092", "state", 2, **given) for key in keys(one)]


async def test_a_read_begins_where_it_is_told_or_where_the_log_begins(opened: Any) -> None:
    for start, begins in ((0, 10), (10, 10), (12, 12)):
        progress = Progress()
        consumer = opened(Consumer(Client(batch(10, range(10, 14))), 10, 14, {2}))
        assert await read_all(start_offset=start, progress=progress) == [b"k%d" % at for at in range(begins, 14)]
        assert (progress.start, progress.end, progress.total, progress.records) == (
            begins,
            14,
            14 - begins,
            14 - begins,
        )
        assert consumer.stopped == 1


async def test_progress_is_optional_and_a_read_from_the_very_end_gives_nothing(opened: Any) -> None:
    opened(Consumer(Client(), 10, 14, {2}))
    assert await read_all(start_offset=14) == []


async def test_a_start_beyond_the_end_is_of_another_topic(opened: Any) -> None:
    consumer = opened(Consumer(Client(), 10, 14, {2}))
    with pytest.raises(StateBeyondTopicError, match="ends at offset 14, before 15"):
        await read_all(start_offset=15)
    assert consumer.stopped == 1


@pytest.mark.parametrize(("partitions", "count"), [(None, 0), (set(), 0), ({0, 1}, 2)])
async def test_a_missing_partition_is_an_error_that_says_how_many_there_are(
    opened: Any, partitions: set[int] | None, count: int
) -> None:
    opened(Consumer(Client(), 10, 14, partitions))
    with pytest.raises(StateReadError, match=rf"state/2 does not exist \({count} partitions do\)"):
        await read_all()


async def test_an_error_of_kafka_is_an_error_of_the_state(opened: Any) -> None:
    consumer = opened(Consumer(Client(DENIED), 10, 14, {2}))
    with pytest.raises(StateReadError, match="reading state/2 from here:9092 failed: TopicAuthorizationFailed"):
        await read_all()
    assert consumer.stopped == 1


def test_progress_counts_from_where_it_began_and_knows_its_end_also_where_that_is_0() -> None:
    assert Progress().total is None and Progress().done == 0
    assert Progress(start=5, reached=9, end=12).done == 4 and Progress(start=5, reached=9, end=12).total == 7
    assert Progress(end=0).total == 0


async def test_a_read_may_stand_still_for_a_minute_and_arriving_records_begin_it_anew(
    monkeypatch: pytest.MonkeyPatch, opened: Any
) -> None:
    now_s = 1_000.5

    class Slow(Client):
        """Each fetch takes twenty seconds."""

        async def send(self, leader: int, request: Any) -> Any:
            nonlocal now_s
            now_s += 20.0
            return await super().send(leader, request)

    monkeypatch.setattr(partition_state, "time", SimpleNamespace(monotonic=lambda: now_s))
    client = Slow(b"", b"", b"", batch(10, [10]), b"", b"", b"", batch(11, [11]))
    opened(Consumer(client, 10, 12, {2}))
    assert await read_all() == [b"k10", b"k11"]
    client = Slow()
    opened(Consumer(client, 10, 12, {2}))
    with pytest.raises(StateReadError, match="is stuck at offset 10 of 12 for 60 s"):
        await read_all()
    assert len(client.asked) == 4 and StateReadError.retryable
