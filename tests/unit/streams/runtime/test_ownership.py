"""To whom topics belong: the application whose lineage topic named them first, as far as it can be read."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from structlog.testing import capture_logs

from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.runtime import ownership
from liveprofile.streams.runtime.lineage import Entry
from liveprofile.streams.runtime.ownership import MOST_RECORDS, Claim, OtherApplicationError, refuse_others

OURS = ("clicks", "orders")
ENTRY = msgspec.json.encode(Entry("id", 1))
Told = tuple[str, int]
"""The topic that an entry is about, and the broker's time."""


class Kafka:
    """A cluster with lineage topics, and the consumer that reads them; each poll gives one record of a topic."""

    def __init__(self, *, first: int = 0, error: Exception | None = None, **lineages: Sequence[Told]) -> None:
        self.topics = {f"{name}.lineage": list(told) for name, told in lineages.items()}
        self.ends: dict[str, int] = {}
        self.counts = dict.fromkeys([*self.topics, *OURS], 1)
        self.first, self.error = first, error
        self.read = dict.fromkeys(self.topics, 0)
        self.polls = self.opened = self.stopped = 0
        self.silent: set[int] = set()
        self.hides = False
        self.assigned: list[TopicPartition] = []

    async def all_partition_counts(self) -> dict[str, int]:
        return self.counts

    async def identify(self, topic: str) -> str:
        assert topic not in self.counts
        if self.hides:
            raise TopicAuthorizationFailedError(f"topic {topic}")
        return ""

    def open(self, **settings: Any) -> "Kafka":
        assert settings["auto_offset_reset"] == "earliest" and settings["enable_auto_commit"] is False
        self.opened += 1
        return self

    async def start(self) -> None:
        if self.error:
            raise self.error

    async def stop(self) -> None:
        self.stopped += 1

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self.first)

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {one: self.first + self.ends.get(one.topic, len(self.topics[one.topic])) for one in places}

    def assign(self, places: list[TopicPartition]) -> None:
        self.assigned = places

    async def getmany(self, *places: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        self.polls += 1
        if self.polls in self.silent:
            return {}
        found = {}
        for place in places:
            if told := self.topics[place.topic][self.read[place.topic] :][:1]:
                self.read[place.topic] += 1
                found[place] = [SimpleNamespace(key=name.encode(), value=ENTRY, timestamp=at) for name, at in told]
        return found

    async def position(self, place: TopicPartition) -> int:
        return int(f"{self.first + self.read[place.topic]}")


async def refuse(monkeypatch: pytest.MonkeyPatch, kafka: Kafka, lineage: str = "mine.lineage") -> str:
    """The other application that is named in the refusal; empty for none."""
    monkeypatch.setattr(ownership, "AIOKafkaConsumer", kafka.open)
    try:
        await refuse_others(kafka, "here:9092", lineage, OURS)  # type: ignore[arg-type]
    except OtherApplicationError as error:
        assert kafka.stopped == kafka.opened == 1
        return error.owner
    assert kafka.stopped == kafka.opened
    return ""


@pytest.mark.parametrize(
    ("mine", "theirs", "owner"),
    [
        ([], [("clicks", 5)], "theirs"),
        ([("clicks", 6)], [("clicks", 5)], "theirs"),
        ([("clicks", 4)], [("clicks", 5)], ""),
        ([("clicks", 4)], [("views", 1)], ""),
        ([], [("views", 1)], ""),
        ([], [], ""),
        ([("orders", 9), ("clicks", 4)], [("clicks", 5)], ""),
        ([("clicks", 5)], [("clicks", 5)], ""),
    ],
    ids=["new", "later", "earlier", "not shared", "new, not shared", "empty", "by its first entry", "by name"],
)
async def test_topics_belong_to_whoever_named_one_of_them_first(
    monkeypatch: pytest.MonkeyPatch, mine: list[Told], theirs: list[Told], owner: str
) -> None:
    assert await refuse(monkeypatch, Kafka(mine=mine, theirs=theirs)) == owner


async def test_of_two_claims_of_one_millisecond_the_one_with_the_smaller_name_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await refuse(monkeypatch, Kafka(mine=[("clicks", 5)], a=[("clicks", 5)], b=[("orders", 5)])) == "a"


async def test_without_another_lineage_topic_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, unchecked, wide = Kafka(mine=[("clicks", 4)]), Kafka(theirs=[("clicks", 4)]), Kafka(theirs=[("clicks", 4)])
    wide.counts["theirs.lineage"] = 2
    assert await refuse(monkeypatch, alone) == await refuse(monkeypatch, wide) == ""
    assert await refuse(monkeypatch, unchecked, lineage="") == ""
    assert alone.opened == unchecked.opened == wide.opened == 0


@pytest.mark.parametrize("first", [0, 1_000])
@pytest.mark.parametrize(
    ("records", "is_read"), [(0, False), (1, True), (MOST_RECORDS, True), (MOST_RECORDS + 1, False)]
)
async def test_a_topic_is_read_unless_it_is_empty_or_too_long_for_a_lineage_wherever_its_log_begins(
    monkeypatch: pytest.MonkeyPatch, first: int, records: int, is_read: bool
) -> None:
    kafka = Kafka(first=first, theirs=[("clicks", 5)])
    kafka.ends["theirs.lineage"] = records
    assert (await refuse(monkeypatch, kafka) == "theirs") is is_read
    assert kafka.assigned == [TopicPartition("theirs.lineage", 0)] * is_read


async def test_a_lineage_is_read_to_its_end_and_no_further_however_high_its_offsets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Offsets above 256 are no shared objects of Python: they are compared as numbers."""
    kafka = Kafka(first=1_000, theirs=[("views", 1), ("views", 2), ("clicks", 3)])
    assert await refuse(monkeypatch, kafka) == "theirs"
    assert kafka.polls == 3


async def test_a_read_goes_on_after_silence_and_ends_after_five_silent_polls_in_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A topic whose last records were compacted away, or a broker without an answer, holds up no start for long."""
    kafka = Kafka(theirs=[("views", 1), ("clicks", 3)])
    kafka.silent = {1, 2, 3, 4, 6, 7, 8, 9}
    assert await refuse(monkeypatch, kafka) == "theirs" and kafka.polls == 10
    kafka = Kafka(theirs=[("views", 1), ("clicks", 3)])
    kafka.silent = {1, 2, 3, 4, 5}
    assert await refuse(monkeypatch, kafka) == "" and kafka.polls == 5


async def test_a_lineage_that_may_not_be_read_is_told_and_refuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = Kafka(error=TopicAuthorizationFailedError(), theirs=[("clicks", 5)])
    with capture_logs() as lines:
        assert await refuse(monkeypatch, kafka) == ""
    assert [line["log_level"] for line in lines] == ["warning"] and "cannot be read" in lines[0]["event"]
    assert kafka.stopped == 1


async def test_where_topics_of_others_are_hidden_it_is_told_that_nothing_is_known_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kafka = Kafka(mine=[("clicks", 4)])
    with capture_logs() as lines:
        assert await refuse(monkeypatch, kafka) == ""
    assert lines == []
    kafka.hides = True
    with capture_logs() as lines:
        assert await refuse(monkeypatch, kafka) == ""
    assert [line["log_level"] for line in lines] == ["warning"]
    assert "not checked" in lines[0]["event"] and "may not describe" in lines[0]["reason"]


@pytest.mark.parametrize("error", [KafkaConnectionError(), OSError()])
async def test_a_kafka_that_goes_away_meanwhile_is_no_permission(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    kafka = Kafka(error=error, theirs=[("clicks", 5)])
    with pytest.raises(NoKafkaError, match="here:9092 went away"):
        await refuse(monkeypatch, kafka)
    assert kafka.stopped == 1


def test_a_claim_is_as_old_as_its_oldest_entry() -> None:
    claim = Claim("a.lineage")
    assert claim.order == (0, "a.lineage")
    for name, at in (("clicks", 7), ("orders", 5), ("clicks", 9)):
        claim.add(name, at)
    assert claim.order == (5, "a.lineage") and claim.shared == {"clicks", "orders"}
