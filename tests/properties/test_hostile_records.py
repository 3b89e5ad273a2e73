"""Nothing that anybody sends stops ingest, and each record is accounted for: accepted, or refused with a reason."""

import asyncio
from collections import Counter

import orjson
import pytest
from support.hostile import TOPICS, TRICKS, HostileRecord, hostile_records
from support.ingest_fakes import DIMS, DictCache, FakeRecord, HalfNamedTopics, HashEmbedder, MemoryOutbox

from liveprofile.profiles.records.activity import decode_heads, decode_tail, source_name
from liveprofile.streams.contract.refusals import Reason
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.stages.ingest.stage import IngestStage

COUNT = 4000
NOW_MS = 1_750_000_300_000


async def take_through(hostile: list[HostileRecord]) -> tuple[IngestStage, MemoryOutbox]:
    """All records through a stage, topic by topic, in runs of 250."""
    embedding = EmbeddingService(HashEmbedder(), DictCache(), HalfNamedTopics())
    stage = IngestStage(
        key=PseudonymKey(b"a key of the tests"), embedding=embedding, activity_topic="activity", clock_ms=lambda: NOW_MS
    )
    outbox, acks = MemoryOutbox(), []
    await stage.start(outbox)
    for topic in TOPICS:
        mine = [FakeRecord(h.value, place, topic, 3, key=h.key) for place, h in enumerate(hostile) if h.topic == topic]
        for first in range(0, len(mine), 250):
            await stage.handle(topic, 3, mine[first : first + 250], lambda: acks.append(1))
    await stage.stop()
    return stage, outbox


@pytest.fixture(scope="module")
def result() -> tuple[list[HostileRecord], IngestStage, MemoryOutbox]:
    """4,000 hostile records, and what became of them."""
    hostile = list(hostile_records(COUNT, seed=7))
    return hostile, *asyncio.run(take_through(hostile))


def places(hostile: list[HostileRecord]) -> set[str]:
    return {f"{record.topic}/3/{place}" for place, record in enumerate(hostile)}


def test_each_hostile_record_is_accounted_for_exactly_once(result):
    hostile, stage, outbox = result
    heads = decode_heads(outbox.values("activity"), DIMS)
    accepted = {source_name(code) for code in heads["source"]}
    refused = [letter["source"] for letter in map(orjson.loads, outbox.values("dead-letters"))]
    refused_places = [f"{source['topic']}/{source['partition']}/{source['offset']}" for source in refused]
    assert len(set(refused_places)) == len(refused_places)
    assert not accepted & set(refused_places)
    assert accepted | set(refused_places) == places(hostile)
    assert stage.counters.records == COUNT == stage.counters.events + stage.counters.dead_letters


def test_every_line_of_an_accepted_order_is_there(result):
    _, _, outbox = result
    heads = decode_heads(outbox.values("activity"), DIMS)
    lines = Counter(heads["source"].tolist())
    assert all(lines[int(head["source"])] == head["lines"] for head in heads)
    assert heads["lines"].max() == 200


def test_each_dead_letter_has_a_known_reason_and_words(result):
    _, _, outbox = result
    letters = [orjson.loads(value) for value in outbox.values("dead-letters")]
    assert {letter["reason"] for letter in letters} <= set(Reason)
    assert all(len(letter["words"]) > 10 for letter in letters)
    assert all(len(value) < 32_768 for value in outbox.values("dead-letters"))


def test_the_hostile_records_reach_nearly_every_reason(result):
    _, stage, _ = result
    not_of_a_record = {Reason.UNKNOWN_TOPIC, Reason.UNREADABLE_ACTIVITY}
    assert set(Reason) - set(stage.counters.refused) == not_of_a_record


def test_what_is_accepted_of_hostile_records_is_harmless(result):
    _, _, outbox = result
    values = outbox.values("activity")
    heads = decode_heads(values, DIMS)
    assert (heads["event_time_ms"] >= 946_684_800_000).all()
    assert (heads["event_time_ms"] <= NOW_MS + 300_000).all()
    assert (heads["amount"] >= 0).all() and (heads["amount"] <= 10**15).all()
    for value in values:
        texts = "".join(text for text in decode_tail(value, DIMS)[1:4] if text)
        assert not set("\x00\x07\x1b\r\n\u202e\u200b") & set(texts)
        assert "jane@example.com" not in texts and "4111 1111 1111 1111" not in texts


def test_the_same_hostile_records_give_the_same_bytes(result):
    hostile, _, outbox = result
    few = hostile[: len(TRICKS) * 10]
    _, again = asyncio.run(take_through(few))
    assert len(again.values("dead-letters")) > 100
    assert set(again.values("dead-letters")) <= set(outbox.values("dead-letters"))
    assert set(again.values("activity")) <= set(outbox.values("activity"))


def test_the_same_seed_draws_the_same_hostile_records(result):
    hostile, _, _ = result
    assert list(hostile_records(200, seed=7)) == hostile[:200]
    assert list(hostile_records(200, seed=8)) != hostile[:200]
    assert {record.trick for record in hostile} == set(TRICKS)
