"""A tiny stage with state: counts per key and chains the offsets it saw, checkpointed on a compacted topic."""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from support.secured.suite import as_user

from liveprofile.streams.admin.acls.grant import Grant, Operation, PatternType, ResourceType
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.checkpoint import Checkpointer, Write
from liveprofile.streams.runtime.fence import Fence
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.runtime.stage import Ack, Outbox
from liveprofile.streams.runtime.worker import run_worker
from liveprofile.streams.transport.connection import Bootstrap
from liveprofile.streams.transport.record import Item, Record, TopicPartition
from tests.support.latest import accept_installed_versions

accept_installed_versions()
CURSOR = b"cursor"


@dataclass(frozen=True)
class Place:
    """Where a test's worker reads and writes."""

    app_id: str
    bootstrap: str
    partitions: int = 4

    @property
    def input(self) -> str:
        return f"{self.app_id}-input"

    @property
    def state(self) -> str:
        return f"{self.app_id}-state"

    @property
    def facts(self) -> str:
        return f"{self.app_id}-facts"

    @property
    def connection(self) -> Bootstrap:
        """As whom the worker connects: on a secured broker as a user who may use these topics and nothing else."""
        both = (Operation.DESCRIBE, Operation.READ, Operation.WRITE)
        grants = [
            *(
                Grant(ResourceType.TOPIC, name, PatternType.LITERAL, both)
                for name in (self.input, self.state, self.facts)
            ),
            Grant(ResourceType.GROUP, self.app_id, PatternType.LITERAL, (Operation.READ,)),
            Grant(ResourceType.TRANSACTIONAL_ID, f"{self.app_id}.", PatternType.PREFIXED, both[::2]),
        ]
        return as_user(self.bootstrap, self.app_id, grants) or self.bootstrap

    def config(self, **changes: float) -> RuntimeConfig:
        """A configuration with a session short enough for tests."""
        settings = {"session_timeout_s": 6.0, "heartbeat_s": 1.0, "commit_every_s": 0.3, **changes}
        return RuntimeConfig(self.app_id, self.connection, **settings)  # type: ignore[arg-type]


@dataclass
class Count:
    """How often a key came, the offset applied last, and a hash that depends on every offset in order."""

    times: int = 0
    offset: int = -1
    chain: int = 0

    def add(self, offset: int) -> None:
        self.times += 1
        self.offset = offset
        self.chain = (self.chain * 31 + offset) % 1_000_003

    def encode(self) -> bytes:
        return json.dumps([self.times, self.offset, self.chain]).encode()

    @classmethod
    def decode(cls, value: bytes) -> "Count":
        return cls(*json.loads(value))


class CountingStage:
    """Follows the protocol to the letter: facts durable, then state durable, then ack."""

    name = "count"

    def __init__(
        self, place: Place, *, slow_s: float = 0.0, every_s: float = 0.3, fail_at: bytes | None = None
    ) -> None:
        self.topics = (place.input,)
        self.written_alone = (place.state,)
        self.counts: dict[int, dict[bytes, Count]] = {}
        self.applied = 0
        self.replayed = 0
        self.in_hand: Counter[int] = Counter()
        self._place = place
        self._slow_s = slow_s
        self._every_s = every_s
        self._fail_at = fail_at
        self._dirty: dict[int, set[bytes]] = {}

    async def start(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._checkpointer = Checkpointer(outbox, self._encode, every_s=self._every_s)

    async def assign(self, topic: str, partition: int) -> None:
        self._dirty[partition] = set()
        self.counts[partition] = await read_counts(self._place, partition)

    async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
        self.in_hand[partition] += 1
        assert self.in_hand[partition] == 1, "two runs of one partition at a time"
        if self._fail_at is not None and any(record.key == self._fail_at for record in run):
            raise ValueError(f"a stage that fails at {self._fail_at!r}")
        facts = [fact for record in run if (fact := self._apply(partition, record)) is not None]
        await self._outbox.send(self._place.facts, partition, facts)
        if self._slow_s:
            await asyncio.sleep(self._slow_s)
        self._checkpointer.hold((topic, partition), ack, touched=len(facts))
        self.in_hand[partition] -= 1

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        await self._checkpointer.settle(partitions)
        for _, partition in partitions:
            del self.counts[partition], self._dirty[partition]

    async def stop(self) -> None:
        self._checkpointer.drop()
        print(json.dumps({"applied": self.applied, "replayed": self.replayed}), flush=True)

    def _apply(self, partition: int, record: Record) -> Item | None:
        key = record.key or b""
        count = self.counts[partition].setdefault(key, Count())
        if record.offset <= count.offset:
            self.replayed += 1
            return None
        count.add(record.offset)
        self.applied += 1
        self._dirty[partition].add(key)
        return key, count.encode(), [("times", str(count.times).encode())]

    def _encode(self, place: TopicPartition) -> Sequence[Sequence[Write]]:
        partition = place[1]
        counts, dirty = self.counts[partition], self._dirty[partition]
        self._dirty[partition] = set()
        if not dirty:
            return []
        cursor = max(count.offset for count in counts.values())
        return [
            [Write(self._place.state, partition, [(key, counts[key].encode(), []) for key in dirty])],
            [Write(self._place.state, partition, [(CURSOR, str(cursor).encode(), [])])],
        ]


async def make_topics(place: Place) -> None:
    """Create a place's topics, and wait until the broker knows them: Kafka says so a little before."""
    topics = (place.input, place.facts, place.state)
    admin = AIOKafkaAdminClient(bootstrap_servers=place.bootstrap)
    await admin.start()
    try:
        compacted = {place.state: {"cleanup.policy": "compact"}}
        await admin.create_topics(
            [NewTopic(name, place.partitions, 1, topic_configs=compacted.get(name)) for name in topics]
        )
    finally:
        await admin.close()
    async with KafkaOutbox(place.bootstrap) as outbox:
        for _ in range(100):
            if all((await outbox.partition_counts(topics)).values()):
                return
            await asyncio.sleep(0.02)


async def read_counts(place: Place, partition: int) -> dict[bytes, Count]:
    """The state of a partition as it is durable now."""
    counts: dict[bytes, Count] = {}
    async for records in read_partition(place.connection, place.state, partition):
        for key, value, _ in records:
            if key is not None and value is not None and key != CURSOR:
                counts[key] = Count.decode(value)
    return counts


async def offline_fold(place: Place, partition: int) -> dict[bytes, Count]:
    """What the counts must be: the same fold over the input topic, in one go."""
    counts: dict[bytes, Count] = {}
    async for records in read_partition(place.bootstrap, place.input, partition):
        for key, _, offset in records:
            counts.setdefault(key or b"", Count()).add(offset)
    return counts


async def produce(place: Place, per_partition: int, *, keys: int = 50, start: int = 0) -> None:
    """Write numbered records to every input partition, over `keys` keys."""
    async with KafkaOutbox(place.bootstrap) as outbox:
        items: list[Item] = [
            (b"k%d" % (number % keys), b"%d" % number, []) for number in range(start, start + per_partition)
        ]
        await asyncio.gather(*(outbox.send(place.input, p, items) for p in range(place.partitions)))


def main() -> int:
    """Run a counting worker until it is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("app_id")
    parser.add_argument("bootstrap")
    parser.add_argument("--slow-s", type=float, default=0.0)
    parser.add_argument("--every-s", type=float, default=0.3)
    parser.add_argument("--max-run", type=int, default=500)
    parser.add_argument("--fail-at", type=str.encode)
    parser.add_argument("--session-s", type=float, default=6.0)
    parser.add_argument("--instance")
    parser.add_argument("--blind", action="store_true", help="do not notice pauses: only the broker is left to refuse")
    given = parser.parse_args()
    place = Place(given.app_id, given.bootstrap)
    config = replace(
        place.config(max_batch_records=given.max_run, session_timeout_s=given.session_s), instance_id=given.instance
    )
    if given.blind:
        Fence.check = lambda self: None  # type: ignore[method-assign]
    return run_worker(
        lambda: [CountingStage(place, slow_s=given.slow_s, every_s=given.every_s, fail_at=given.fail_at)], config
    )


if __name__ == "__main__":
    sys.exit(main())
