"""A run goes through ingest as a whole: activities by partition and in order, dead letters, then the ack."""

import itertools
from typing import Any

import orjson
import pytest
import structlog
from structlog.testing import capture_logs
from support.ingest_fakes import (
    DIMS,
    DictCache,
    FakeRecord,
    HalfNamedTopics,
    HashEmbedder,
    MemoryOutbox,
    click,
    records,
)

from liveprofile.profiles.records.activity import Flag, decode_heads, source_name
from liveprofile.streams.contract.arrival import ARRIVED
from liveprofile.streams.stages.ingest import heavy_hitters
from liveprofile.streams.stages.ingest.embedding import EmbeddingError, EmbeddingService
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.stages.ingest.stage import IngestStage

NOW_MS = 1_750_000_000_000


async def started(
    outbox: MemoryOutbox,
    embedder: HashEmbedder | None = None,
    key: PseudonymKey = PseudonymKey(b"a key of the tests"),  # noqa: B008 - a constant
    raw_dead_letters: bool = False,
) -> IngestStage:
    stage = IngestStage(
        key=key,
        raw_dead_letters=raw_dead_letters,
        embedding=EmbeddingService(embedder or HashEmbedder(), DictCache(), HalfNamedTopics()),
        activity_topic="activity",
        clock_ms=lambda: NOW_MS,
    )
    await stage.start(outbox)
    return stage


async def handled(run: list[FakeRecord], topic: str = "clicks", **options: Any) -> tuple[IngestStage, MemoryOutbox]:
    outbox, acks = MemoryOutbox(), []
    stage = await started(outbox, **options)
    await stage.handle(topic, 0, run, lambda: acks.append(1))
    await stage.stop()
    assert acks == [1]
    return stage, outbox


async def test_a_run_is_sent_whole_and_acked_once():
    stage, outbox = await handled(records([click(user_id=f"u{n}") for n in range(50)]))
    assert len(outbox.values("activity")) == 50
    assert {partition for topic, partition in outbox.sent if topic == "activity"} == {0, 1, 2, 3}
    assert (stage.counters.records, stage.counters.activities, stage.counters.dead_letters) == (50, 50, 0)


async def test_each_partition_keeps_the_order_of_the_run():
    _, outbox = await handled(records([click(user_id=f"u{n % 7}") for n in range(700)], first_offset=900))
    for items in outbox.sent.values():
        offsets = [int(source_name(code).split("/")[2]) for code in decode_heads([i[1] for i in items], DIMS)["source"]]
        assert offsets == sorted(offsets)


async def test_all_events_of_a_shopper_have_one_key_and_one_partition():
    _, outbox = await handled(records([click(user_id="u1"), click(user_id="u1", title="Lamp")]))
    ((place, items),) = outbox.sent.items()
    assert place[0] == "activity" and len({key for key, _, _ in items}) == 1


async def test_no_name_of_a_shopper_leaves_ingest():
    run = records([click(user_id="jane-the-buyer"), click(user_id="jane-the-buyer", ts="then")])
    _, outbox = await handled(run)
    sent = b"".join((key or b"") + (value or b"") for items in outbox.sent.values() for key, value, _ in items)
    assert b"jane" not in sent and sent


async def test_a_refused_record_is_dead_lettered_with_its_reason_and_the_others_go_on():
    stage, outbox = await handled(records([click(), click(ts="then"), None, click()], first_offset=7))
    letters = [orjson.loads(value) for value in outbox.values("dead-letters")]
    assert [letter["reason"] for letter in letters] == ["bad-time", "empty-value"]
    assert [letter["source"]["offset"] for letter in letters] == [8, 9]
    assert len(outbox.values("activity")) == 2
    assert stage.counters.refused == {"bad-time": 1, "empty-value": 1}


async def test_a_dead_letter_has_the_profile_id_as_its_key_where_the_record_names_a_shopper():
    run = [click(user_id="jane", ts="x"), orjson.dumps({"userId": "jane"}), click(user_id="", ts="x"), b"[1]"]
    _, outbox = await handled(records([click(user_id="jane"), *run]))
    (accepted,) = {key for (topic, _), items in outbox.sent.items() if topic == "activity" for key, _, _ in items}
    keys = [key for (topic, _), items in sorted(outbox.sent.items()) if topic == "dead-letters" for key, _, _ in items]
    assert keys == [accepted, accepted, None, None]


async def test_equal_refused_records_have_one_digest_that_only_the_key_gives():
    digests = []
    for key in (b"a key of the tests", b"another key of the tests"):
        _, outbox = await handled(records([b"jane", b"jane", b"joan"]), key=PseudonymKey(key))
        digests += [orjson.loads(value)["digest"] for value in outbox.values("dead-letters")]
    assert (digests[0] == digests[1], len(set(digests))) == (True, 4)


@pytest.mark.parametrize("raw", [False, True])
async def test_raw_dead_letters_are_written_only_on_demand_and_with_a_warning(raw):
    structlog.reset_defaults()
    with capture_logs() as logs:
        _, outbox = await handled(records([b"jane"]), raw_dead_letters=raw)
    (letter,) = outbox.values("dead-letters")
    assert b"jane" in letter if raw else b"jane" not in letter
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["dead letters are raw"] * raw


async def test_a_time_after_the_arrival_is_put_back_and_flagged_if_it_is_far():
    stage, outbox = await handled(records([click(ts=NOW_MS + 299_000), click(user_id="u2", ts=NOW_MS + 301_000)]))
    heads = decode_heads(outbox.values("activity"), DIMS)
    assert heads["event_time_ms"].tolist() == [NOW_MS, NOW_MS]
    assert sorted(heads["flags"].tolist()) == [0, Flag.CLOCK_CLAMPED]
    assert stage.counters.clock_clamped == 1


async def test_a_clock_that_is_ahead_keeps_the_order_and_the_distances_of_its_events():
    day = 86_400_000
    _, outbox = await handled(records([click(ts=NOW_MS + day + second * 1000) for second in (0, 7, 20)]))
    times = decode_heads(outbox.values("activity"), DIMS)["event_time_ms"]
    assert times.tolist() == [NOW_MS - 20_000, NOW_MS - 13_000, NOW_MS]


async def test_an_event_long_before_its_arrival_is_a_wrong_clocks_unless_it_is_replayed():
    old = click(ts="2010-01-01T00:00:00Z")
    run = [FakeRecord(old, 0), FakeRecord(old, 1, headers=[("replayed", b"1")]), FakeRecord(click(), 2)]
    stage, outbox = await handled(run)
    assert stage.counters.refused == {"bad-time": 1}
    heads = decode_heads(outbox.values("activity"), DIMS)
    assert heads["flags"].tolist() == [Flag.REPLAYED, 0]


async def test_an_id_with_the_traffic_of_many_is_named_in_the_log_by_its_pseudonym(monkeypatch):
    monkeypatch.setattr(heavy_hitters, "FEWEST", 30)
    run = records([click(user_id="jane-the-test" if n % 2 else f"u{n}", title=f"Vase {n}") for n in range(100)])
    with capture_logs() as logs:
        stage, outbox = await handled(run)
    (named,) = [line for line in logs if line["log_level"] == "warning"]
    assert named["profile"].encode() in {key for items in outbox.sent.values() for key, _, _ in items}
    assert (named["events"], named["share"], stage.counters.heavy) == (30, 0.5, 1)
    assert "jane" not in str(logs)


async def test_placeholders_and_impressions_are_counted_and_told():
    impression = b'{"action_name": "impression", "client_id": "c1", "event_attributes": {}}'
    with capture_logs() as logs:
        stage, _ = await handled(records([click(user_id="guest", anonymous_id="a"), impression]))
    assert logs == [
        {
            "event": "ingest put right, passed over or did not read",
            "log_level": "info",
            "placeholder user_id nobody": 1,
            "passed over impression": 1,
        }
    ]
    assert stage.counters.told() == {"placeholder user_id nobody": 1, "passed over impression": 1}
    assert stage.counters.records == 2 and stage.counters.events == 1 and stage.counters.dead_letters == 0


@pytest.mark.parametrize(
    ("stamped", "taken"), [(NOW_MS - 5, NOW_MS - 5), (-1, NOW_MS), (NOW_MS + 3_600_000, NOW_MS + 3_600_000)]
)
async def test_without_a_time_the_records_own_counts_where_it_is_one(stamped, taken):
    _, outbox = await handled([FakeRecord(click(ts=None), timestamp=stamped)])
    assert decode_heads(outbox.values("activity"), DIMS)["event_time_ms"].tolist() == [taken]


async def test_a_well_formed_trace_is_passed_on_and_nothing_else():
    trace = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    run = [
        FakeRecord(click(), headers=[("x", b"1"), trace]),
        FakeRecord(click(), headers=[("traceparent", b"\r\nx")]),
        FakeRecord(click(), headers=[("traceparent", None)]),
    ]
    _, outbox = await handled(run)
    sent = [headers for items in outbox.sent.values() for _, _, headers in items]
    assert [[one for one in headers if one[0] != ARRIVED] for headers in sent] == [[trace], [], []]


async def test_events_without_a_text_have_a_zero_vector_and_none_else_has():
    _, outbox = await handled(records([click(title=None, action="view"), click()]))
    vectors = decode_heads(outbox.values("activity"), DIMS)["vector"]
    assert not vectors[0].any() and vectors[1].any()


async def test_a_topic_with_a_prefix_is_the_input_that_its_name_ends_in():
    embedding = EmbeddingService(HashEmbedder(), DictCache(), HalfNamedTopics())
    options = {"key": PseudonymKey(b"a key of the tests"), "embedding": embedding, "clock_ms": lambda: NOW_MS}
    stage, outbox = IngestStage(activity_topic="activity", topics=("t7-searches",), **options), MemoryOutbox()
    await stage.start(outbox)
    await stage.handle("t7-searches", 1, records([click(query="vase"), b"x"]), lambda: None)
    await stage.stop()
    assert source_name(decode_heads(outbox.values("activity"), DIMS)["source"][0]) == "searches/1/0"
    assert orjson.loads(outbox.values("dead-letters")[0])["source"]["topic"] == "t7-searches"
    with pytest.raises(ValueError, match="no input"):
        IngestStage(activity_topic="activity", topics=("weather",), **options)


async def test_a_run_of_refused_records_only_is_acked():
    _, outbox = await handled(records([b"x", b"y"]))
    assert outbox.values("activity") == [] and len(outbox.values("dead-letters")) == 2


@pytest.mark.parametrize("topic", ["activity", "dead-letters"])
async def test_a_delivery_that_fails_goes_up_and_nothing_is_acked(topic):
    outbox, acks = MemoryOutbox(failing=frozenset({topic})), []
    stage = await started(outbox)
    with pytest.raises(ConnectionError):
        await stage.handle("clicks", 0, records([click(), b"x"]), lambda: acks.append(1))
    await stage.stop()
    assert acks == []


async def test_a_model_that_fails_goes_up_and_nothing_is_sent_or_acked():
    outbox, acks = MemoryOutbox(), []
    stage = await started(outbox, HashEmbedder(OSError("the model is gone")))
    with pytest.raises(EmbeddingError, match="gone"):
        await stage.handle("clicks", 0, records([click(), b"x"]), lambda: acks.append(1))
    await stage.stop()
    assert acks == [] and not outbox.sent


def keys_and_values(outbox):
    return {place: [(key, value) for key, value, _ in items] for place, items in outbox.sent.items()}


async def test_the_same_run_gives_the_same_bytes_however_it_is_cut():
    run = records([click(user_id=f"u{n % 5}", title=f"Vase {n}") for n in range(40)])
    whole, pieces = MemoryOutbox(), MemoryOutbox()
    one, other = await started(whole), await started(pieces)
    await one.handle("clicks", 0, run, lambda: None)
    for first, last in itertools.pairwise([0, 1, 13, 40]):
        await other.handle("clicks", 0, run[first:last], lambda: None)
    await one.stop()
    await other.stop()
    assert keys_and_values(whole) == keys_and_values(pieces), "only headers tell what was sent together"
