"""What goes to the learn and the items stage: nothing is lost between checkpoints, nothing goes twice."""

from typing import Any

import numpy as np
import pytest
from support.ingest_fakes import MemoryOutbox

from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.items.co_occurrence import PAIR
from liveprofile.profiles.items.event import decode_pairs, home_of
from liveprofile.profiles.records.training_example import NUMBERED, without_ordinal
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.stages.profile import downstream
from liveprofile.streams.stages.profile.downstream import Downstream

TOPICS = Topics("shop")
ITEMS = {TOPICS.item_events: 4}


def pairs(*offsets: int) -> Any:
    """Pairs of activities at these offsets, each of an item of its own."""
    rows = np.zeros(len(offsets), PAIR)
    rows["offset"], rows["item"], rows["other"], rows["weight"] = offsets, np.array(offsets) + 100, 7, 1.0
    return rows


def result(*offsets: int) -> FoldResult:
    found = FoldResult()
    found.pairs.append(pairs(*offsets))
    return found


def test_pairs_of_all_batches_leave_by_the_partition_of_their_item_and_once() -> None:
    one = Downstream(TOPICS, 3, MemoryOutbox(counts=ITEMS))
    one.add(result(10, 11, 12))
    one.add(result(20, 21))
    writes = one.take()
    assert {write.topic for write in writes} == {TOPICS.item_events}
    met = {}
    for write in writes:
        (record,) = write.items
        partition, offsets, entries = decode_pairs(record[1] or b"")
        assert partition == 3 and {home_of(int(item), 4) for item in entries["item"]} == {write.partition}
        met |= dict(zip(offsets.tolist(), entries["item"].tolist(), strict=True))
    assert met == {offset: offset + 100 for offset in (10, 11, 12, 20, 21)}
    assert one.take() == []


@pytest.mark.parametrize("layout", [NUMBERED - 1, NUMBERED])
def test_examples_keep_their_order_and_have_a_layout_that_all_workers_read(
    layout: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downstream, "without_ordinal", lambda record: b"older " + record)
    outbox = MemoryOutbox()
    outbox.layout = lambda topic: layout  # type: ignore[method-assign]
    one = Downstream(TOPICS, 3, outbox)
    for names in ("ab", "c"):
        found = FoldResult()
        found.examples += [(name.encode(), b"x" + name.encode()) for name in names]
        one.add(found)
    (write,) = one.take()
    older = b"older " if layout < NUMBERED else b""
    assert (write.topic, write.partition) == (TOPICS.examples, 0)
    assert write.items == [(key, older + b"x" + key, ()) for key in (b"a", b"b", b"c")]
    assert without_ordinal is not downstream.without_ordinal
