"""The cursor of a partition: what of it is written, how large that is, and what a crash in between leaves."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveprofile.profiles.fold.cursor import CURSOR_KEY, MOST_CHANGED, Cursor, applied_through_of, generation_of
from liveprofile.profiles.fold.cursor_parts import CHUNK_BYTES, PART_PREFIX
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.predictions.cold_start import PRIORS
from liveprofile.profiles.records.activity import OFFSET_BITS, source_code
from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.profiles.state.codec import decode_rows
from liveprofile.profiles.state.generation import STATE_GENERATION, AdoptedGeneration

INPUTS = ("clicks", "searches", "purchases", "reviews", "feedback", "declarations")
OFFSET = 123_456_789 << 16
DIMS = 128
Topic = dict[bytes, bytes]
"""The latest value of every key, as compaction leaves the topic."""


def lane(topic: str, partition: int) -> int:
    return source_code(topic, partition, 0) >> OFFSET_BITS


def busy(partitions: int) -> Cursor:
    """A cursor of a shop whose inputs have so many partitions each."""
    lanes = [lane(topic, number) for topic in INPUTS for number in range(partitions)]
    return Cursor(applied_through=9, sources={one: OFFSET + 65_537 * at for at, one in enumerate(lanes)})


def priors(groups: int, version: int = 1) -> dict[str, Any]:
    """An adopted model with much in it."""
    names = {f"entry:{at}": [5.0, 0.5, 3.0, [[f"topic {at}", 0.25]]] for at in range(groups)}
    return {"what": PRIORS, "name": "priors", "version": version, "covers": 1, "groups": names}


def write(topic: Topic, cursor: Cursor) -> int:
    """Write the cursor as a checkpoint does; gives the bytes of the largest record."""
    records = cursor.records()
    topic.update(records)
    return max(len(value) for _, value in records)


def read(topic: Mapping[bytes, bytes]) -> Cursor:
    return Cursor.decode(topic[CURSOR_KEY], topic)


def test_a_shop_with_a_thousand_partitions_writes_what_has_changed_and_no_more() -> None:
    cursor, topic = busy(1_000), Topic()
    assert write(topic, cursor) < 140_000
    for number in range(20):
        cursor.reach(lane("clicks", number), OFFSET << 1)
    (record,) = cursor.records()
    assert record[0] == CURSOR_KEY and len(record[1]) < 1_500
    topic.update([record])
    assert read(topic).sources == cursor.sources


def test_ten_thousand_partitions_fit_into_records_of_a_quarter_of_a_megabyte() -> None:
    """The least limit of records that can be set is 256 KiB."""
    cursor, topic = busy(10_000), Topic()
    assert write(topic, cursor) <= CHUNK_BYTES + 4
    for number in range(7_400):
        cursor.reach(lane("clicks", number), OFFSET + number**3)
    assert write(topic, cursor) < 200_000
    assert read(topic).sources == cursor.sources


def test_a_small_shop_has_its_cursor_in_one_record() -> None:
    ((key, value),) = busy(4).records()
    assert key == CURSOR_KEY and Cursor.decode(value).sources == busy(4).sources


def test_models_are_written_when_they_change_and_at_no_other_checkpoint() -> None:
    cursor, topic = busy(4), Topic()
    cursor.adopt(priors(2_000), 0)
    assert write(topic, cursor) > 5_000
    assert [key for key, _ in cursor.records()] == [CURSOR_KEY]
    cursor.adopt(priors(2_000, version=2), 0)
    assert len(cursor.records()) == 2
    topic.update(cursor.records())


def test_the_generation_of_the_state_is_read_without_any_part() -> None:
    cursor = busy(1_000)
    cursor.adopt(priors(2_000), 0)
    cursor.adopted[STATE_GENERATION] = AdoptedGeneration.of(3, "5f3a", "0.2.0")
    *parts, (_, value) = cursor.records()
    found = generation_of(value)
    assert len(parts) >= 2 and found is not None and found.generation == 3 and applied_through_of(value) == 9


steps = st.lists(
    st.one_of(
        st.tuples(st.just("reach"), st.integers(0, 3_000)),
        st.tuples(st.just("adopt"), st.integers(1, 3)),
        st.tuples(st.just("write"), st.integers(0, 4)),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(steps)
def test_after_a_crash_within_a_checkpoint_the_cursor_before_it_is_whole(steps: list[tuple[str, int]]) -> None:
    """The writes of a checkpoint become durable in their order; a crash leaves the first `kept` of them."""
    cursor, topic, durable = busy(1), Topic(), Cursor()
    topic.update(durable.records())
    for number, (step, amount) in enumerate(steps):
        if step == "reach":
            for one in range(amount):
                cursor.reach(lane("clicks", one), OFFSET + number)
        elif step == "adopt":
            cursor.adopt(priors(200 * amount, version=number), 0)
        else:
            records = cursor.records()
            topic.update(records[:amount])
            if amount >= len(records):
                durable = Cursor.decode(cursor.encode())
            assert read(topic).encode() == durable.encode()
            cursor = read(topic)


def test_a_part_that_is_missing_or_of_another_cursor_is_an_error_and_no_guess() -> None:
    cursor, topic = busy(1_000), Topic()
    write(topic, cursor)
    for damaged in ({}, {key: value[:-1] for key, value in topic.items() if key.startswith(PART_PREFIX)}):
        with pytest.raises(ValueError, match="names a part, lanes 0, that is not on the topic"):
            Cursor.decode(topic[CURSOR_KEY], damaged)


@pytest.mark.parametrize("batches", [1, 3])
def test_a_fold_is_restored_from_what_its_checkpoints_wrote(batches: int) -> None:
    fold = Fold(Policy())
    fold.cursor = busy(1_000)
    fold.cursor.adopt(priors(2_000), 0)
    written = fold.take_cursor()
    fold.cursor.reach(lane("clicks", 0), OFFSET << 1)
    fold.cursor.applied_through = 10
    written += fold.take_cursor()
    again = Fold(Policy())
    size = -(-len(written) // batches)
    for at in range(0, len(written), size):
        again.restore(written[at : at + size])
    assert again.cursor.encode() == fold.cursor.encode()
    assert again.parts.keys() == fold.parts.keys()
    assert len(again.take_cursor()) == 1, "what is on the topic is not written again"


@pytest.mark.parametrize("tail", [False, True])
def test_a_local_store_gives_back_cursor_and_parts_and_a_later_cursor_of_the_topic_finds_them(tail: bool) -> None:
    """A store is read in the order of keys, in batches; then only what the topic has beyond it."""
    fold = Fold(Policy())
    fold.cursor = busy(1_000)
    fold.cursor.adopt(priors(2_000), 0)
    store = dict(Fold(Policy()).restored([]))
    store |= dict(fold.restored(fold.take_cursor()))
    expected, later = fold.cursor.encode(), []
    if tail:
        fold.cursor.reach(lane("clicks", 0), OFFSET << 1)
        expected, later = fold.cursor.encode(), fold.take_cursor()
    again = Fold(Policy())
    for item in sorted(store.items()):
        again.recall([item], 10)
    again.restore(later)
    assert again.cursor.encode() == expected
    again.cursor.adopt(priors(2_000, version=2), 0)
    overwritten = {key for key, _ in again.take_cursor()} - {CURSOR_KEY}
    assert overwritten and not overwritten & fold.parts.keys(), "the cursor on the topic still names that part"


def test_programs_before_parts_refuse_a_cursor_and_a_part_as_those_of_a_newer_program() -> None:
    """They know layouts 3 and 4 of cursors, which are JSON, and take a part for a profile."""
    cursor = busy(MOST_CHANGED)
    part, *_, (_, value) = cursor.records()
    assert orjson.loads(value)["layout"] == 5
    with pytest.raises(UnknownLayoutError, match="written by a newer program"):
        decode_rows([part[1]], DIMS)
