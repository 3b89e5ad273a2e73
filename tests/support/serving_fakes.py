"""What stands in for Kafka and the workers in a service without them."""

import asyncio
from collections.abc import Callable, Sequence

from aiokafka import TopicPartition

from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.admin.rule_versions import OtherContentError
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.query.skew import HotProfile, Laggard
from liveprofile.streams.query.status import Part, Status, laggard_in_words
from liveprofile.streams.serve.follow.follower import CatchUp
from liveprofile.streams.serve.follow.waiting import Position
from liveprofile.streams.serve.follow.writer import Outgoing

TOPICS = Topics()
NOON_MS = 1_780_000_000_000


class FakeFollower:
    """Has read what the test says."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.ready.set()
        self.alive = True
        self.unreadable: dict[str, int] = {}
        names = [TOPICS.profiles, TOPICS.profile_changes, TOPICS.profile_anomalies, TOPICS.rules]
        self.positions = {TopicPartition(topic, number): 0 for topic in names for number in range(2)}

    def progress(self) -> CatchUp:
        return CatchUp(1, 2)

    def age_s(self, topic: str, partition: int) -> float:
        return 0.25

    def inputs_reached(self) -> list[Position]:
        return [Position("clicks", 0, 2262)]

    def reached(self, topic: str, partition: int) -> int | None:
        return self.positions.get(TopicPartition(topic, partition))


class FakeWriter:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None, bytes | None]] = []
        self.deliver: Callable[[str, bytes, bytes | None], int] = lambda *_: 0
        """Gives a publication of rules to the service, as Kafka would; returns its offset."""
        self.others = 0
        """Publications of others, which the service has not read yet."""

    async def send(self, topic: str, key: bytes | None, value: bytes | None) -> Position:
        self.sent.append((topic, key, value))
        if topic == TOPICS.rules:
            return Position(topic, 0, self.deliver(topic, key or b"", value) + self.others)
        return Position(topic, 0, len(self.sent) - 1)

    async def send_each(self, records: Sequence[Outgoing]) -> list[Position]:
        first = len(self.sent)
        self.sent += [(one.topic, one.key, one.value) for one in records]
        return [Position(one.topic, 0, first + at, one.read_back) for at, one in enumerate(records)]

    async def send_all(self, topic: str, values: Sequence[bytes]) -> int:
        self.sent += [(topic, None, value) for value in values]
        return len(values)


class FakePublisher:
    """Keeps which rules were put in force."""

    def __init__(self) -> None:
        self.adopted: list[RuleSet] = []

    async def in_force(self) -> RuleSet:
        return self.adopted[-1]

    async def require_one_content(self, rules: RuleSet, in_force: RuleSet) -> None:
        for known in (in_force, *self.adopted):
            if known.label == rules.label and known.record["toml"] != rules.record["toml"]:
                raise OtherContentError(rules, "0" * 64, ())

    async def adopt(self, rules: RuleSet, now_ms: int) -> int:
        self.adopted.append(rules)
        return 2


class FakeLookout:
    """Saw what the test says."""

    def __init__(self) -> None:
        self.seen: list[Status] = [status(NOON_MS, 100)]

    async def look(self) -> tuple[Status, Status | None]:
        if not self.seen:
            raise NoKafkaError("No Kafka answers here.", "Give the test one.")
        return self.seen[-1], self.seen[-2] if len(self.seen) > 1 else None


def profile_id(number: int) -> str:
    """An id."""
    return f"{number:032x}"


def status(at_ms: int, end: int) -> Status:
    """What workers do: one has a partition, and another one lags since a profile is hot."""
    part = Part("ingest", "clicks", 0, "worker-1", "/10.0.0.1", 3, 0.5, end=end)
    hot = HotProfile(profile_id(1), 0.9, 500, ["canary-anomalies"])
    laggard = Laggard("profile", "shop.activity", 1, 9.0, "hot_profile", hot)
    return Status("shop", at_ms, 0.5, 3, "Stable", [], [part], [], [], None, [laggard], laggard_in_words(laggard))
