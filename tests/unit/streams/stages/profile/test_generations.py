"""What of a run belongs to which generation of the state, and what a rebuild writes."""

import pytest
from support.activities import DIMS, activity, erasure, tick
from support.ingest_fakes import FakeRecord, MemoryOutbox

from liveprofile.profiles.fold.cursor import CURSOR_KEY
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.profiles.state.generation import AdoptedGeneration
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import SetupError
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.stages.profile.rebuild import SilentPartition
from liveprofile.streams.stages.profile.stage import SWITCH_KEY, up_to_switches

TOPICS = Topics("shop")
ANNA = b"a" * 32
PARTS = (TOPICS, Policy(), None)


def switch_to(generation: int) -> tuple[bytes, bytes]:
    """Key and value of a switch."""
    adopted = AdoptedGeneration.of(generation, "settings", "0.1.0")
    return SWITCH_KEY, control_record(Kind.SWITCH, 0, DIMS, adopted.record)


def a_run(*records: tuple[bytes, bytes], first: int = 0) -> list[FakeRecord]:
    return [FakeRecord(value, first + at, key=key) for at, (key, value) in enumerate(records)]


def partition(kind: type[Partition], outbox: MemoryOutbox, generation: int) -> Partition:
    config = ProfileStageConfig(*PARTS)
    return kind(0, config, outbox, CloudEvents("shop", lambda: 0), ProfileCounters(), None, generation)


SHOPPING = [(ANNA, activity(at_s=at, offset=at)) for at in range(20)]


@pytest.mark.parametrize(
    ("keys", "parts"),
    [
        ("aaa", ["aaa"]),
        ("aSa", ["aS", "a"]),
        ("aS", ["aS"]),
        ("S", ["S"]),
        ("SS", ["S", "S"]),
        ("aSaSaa", ["aS", "aS", "aa"]),
        ("", []),
    ],
)
def test_a_run_is_cut_behind_each_switch(keys: str, parts: list[str]) -> None:
    run = a_run(*((SWITCH_KEY if key == "S" else b"a", b"") for key in keys))
    named = [["S" if record.key == SWITCH_KEY else "a" for record in part] for part in up_to_switches(run)]
    assert ["".join(part) for part in named] == parts


async def test_a_switch_to_a_later_generation_is_followed_and_one_to_an_earlier_is_not() -> None:
    for ours, followed in ((1, True), (2, True), (3, False), (4, False)):
        one = partition(Partition, MemoryOutbox(), ours)
        assert one.successor is None
        await one.take(a_run(*SHOPPING, switch_to(3)))
        assert (one.successor is not None) == followed, f"generation {ours}"


async def test_a_rebuild_writes_the_same_state_to_its_own_topic_and_nothing_else() -> None:
    log = a_run(*SHOPPING, (b"\x00tick", tick(100)), (ANNA, b"damaged"), (ANNA, erasure(200)))
    outbox, silence = MemoryOutbox(), MemoryOutbox()
    serving, rebuilt = partition(Partition, outbox, 1), partition(SilentPartition, silence, 2)
    for one in (serving, rebuilt):
        await one.take(log)
    assert outbox.sent and not silence.sent
    _, *state = serving.encode()
    writes = [write for step in rebuilt.encode() for write in step]
    assert {write.topic for write in writes} == {"shop.state.v2"}
    assert [write.items for write in writes] == [write.items for step in state for write in step]
    assert writes[-1].items[0][0] == CURSOR_KEY


async def test_a_rebuild_is_handed_over_by_the_switch_to_its_generation() -> None:
    rebuilt = partition(SilentPartition, MemoryOutbox(), 3)
    assert isinstance(rebuilt, SilentPartition)
    await rebuilt.take(a_run(*SHOPPING, switch_to(2)))
    assert not rebuilt.handed_over, "that was the rebuild before"
    await rebuilt.take(a_run(switch_to(3), first=21))
    assert rebuilt.handed_over


async def test_a_rebuild_may_begin_late_but_not_leave_anything_out() -> None:
    rebuilt = partition(SilentPartition, MemoryOutbox(), 2)
    await rebuilt.take(a_run(*SHOPPING, first=500))
    with pytest.raises(SetupError, match=r"80 activities of partition 0 are gone before.*--abandon"):
        await rebuilt.take(a_run(*SHOPPING, first=600))
