"""A topic that replaced another is a generation of its own: its offsets are none that were seen."""

import orjson
from support.activities import DIMS, activity
from support.ingest_fakes import DIMS as INGEST_DIMS
from support.ingest_fakes import (
    DictCache,
    HalfNamedTopics,
    HashEmbedder,
    MemoryOutbox,
    click,
    records,
)

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import (
    Action,
    Kind,
    control_record,
    decode_heads,
    lasting_offset,
    source_code,
    source_name,
)
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.stages.ingest.stage import IngestStage

KEY = b"%032x" % 7
POLICY = Policy(dims=DIMS)


class Accepted(MemoryOutbox):
    """An outbox of an application that accepted a new input topic."""

    def generation(self, topic: str) -> int:
        return 1

    def layout(self, topic: str) -> int:
        return 3


def viewed(offset: int) -> bytes:
    """A view whose input record stands at `offset`."""
    return activity(Action.VIEW, at_s=offset % 1000, topic="garden", offset=offset)


def test_records_of_generation_0_are_coded_as_before_there_were_generations() -> None:
    assert source_code("purchases", 3, 1822) == 2 << 56 | 3 << 40 | 1822


def test_the_last_generation_partition_and_offset_keep_apart() -> None:
    code = source_code("activity", 65_535, lasting_offset(15, (1 << 40) - 1))
    assert code < 1 << 64 and source_name(code) == f"activity@15/65535/{(1 << 40) - 1}"


def test_an_input_that_was_replaced_begins_again_and_its_records_count() -> None:
    fold = Fold(POLICY)
    fold.apply([KEY] * 5, [viewed(n) for n in range(5)], range(5))
    assert fold.apply([KEY], [viewed(2)], [5]).resent == 1
    again = fold.apply([KEY] * 2, [viewed(lasting_offset(1, n)) for n in (0, 0)], [6, 7])
    assert (again.applied, again.resent) == (1, 1)


def test_activities_of_a_new_log_are_above_those_of_the_old_one() -> None:
    fold = Fold(POLICY)
    fold.apply([KEY] * 5, [viewed(n) for n in range(5)], range(100, 105))
    assert fold.apply([KEY], [viewed(5)], [lasting_offset(1, 0)]).applied == 1
    assert fold.cursor.applied_through == lasting_offset(1, 0)


def test_a_tick_at_0_changes_nothing() -> None:
    ticked, plain = Fold(POLICY), Fold(POLICY)
    values = [viewed(n) for n in range(4)]
    for fold in (ticked, plain):
        fold.apply([KEY] * 2, values[:2], [0, 1])
        if fold is ticked:
            fold.apply([b"\x00tick"], [control_record(Kind.TICK, 0, DIMS)], [2])
        fold.apply([KEY] * 2, values[2:], [3, 4])
    assert ticked.checkpoint() == plain.checkpoint()


async def ingested(outbox: MemoryOutbox, run: list[bytes | None], clock_ms: int = 0) -> MemoryOutbox:
    """What ingest makes of a run of clicks."""
    stage = IngestStage(
        key=PseudonymKey(b"a key of the tests"),
        embedding=EmbeddingService(HashEmbedder(), DictCache(), HalfNamedTopics()),
        activity_topic="activity",
        clock_ms=lambda: clock_ms,
    )
    await stage.start(outbox)
    await stage.handle("clicks", 0, records(run, first_offset=7), lambda: None)
    await stage.stop()
    return outbox


async def test_ingest_says_which_generation_a_record_is_of() -> None:
    outbox = await ingested(Accepted(), [click(), click(ts="then")])
    (code,) = decode_heads(outbox.values("activity"), INGEST_DIMS)["source"].tolist()
    (letter,) = (orjson.loads(value) for value in outbox.values("dead-letters"))
    assert source_name(code) == "clicks@1/0/7"
    assert letter["source"] == {"topic": "clicks@1", "partition": 0, "offset": 8}


async def test_the_clock_of_the_machine_does_not_reach_activity() -> None:
    run = [click(), click(ts=None), click(ts=4_000_000_000)]
    slow, fast = await ingested(MemoryOutbox(), run, 0), await ingested(MemoryOutbox(), run, 9_000_000_000_000)
    assert slow.values("activity") == fast.values("activity")
