"""Records of `activity` that cannot be folded: said, skipped, and the same ones in every replay."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import DIMS, NOON_MS, activity, random_log, tick
from support.folding import POLICY, USER

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.records.activity import (
    GENERATIONS,
    Kind,
    Tail,
    control_record,
    decode_heads,
    decode_tail,
    encode,
    head_dtype,
    lasting_offset,
)

HEAD = head_dtype(DIMS).itemsize


def altered(**fields: int) -> bytes:
    """An activity with other numbers in its head."""
    head = decode_heads([activity()], DIMS).copy()[0]
    for name, value in fields.items():
        head[name] = value
    return encode(head)


def adopting(adopted: Any) -> bytes:
    return control_record(Kind.ADOPT, NOON_MS, DIMS, adopted)


DAMAGED = {
    "nothing": (b"", "too short"),
    "one byte": (b"\x01", "too short"),
    "cut in the head": (activity()[: HEAD - 1], "too short"),
    "text": (b"{}" * HEAD, "no known layout"),
    "zeros": (bytes(HEAD), "no known layout"),
    "no kind": (altered(kind=99), "its kind is unknown"),
    "no action": (altered(action=200), "its action is unknown"),
    "no source": (altered(source=0xFF << 56), "its source is no known topic"),
    "before time": (altered(event_time_ms=-1), "its time is before 1970"),
    "after time": (altered(event_time_ms=1 << 60), "after 9999"),
    "no model": (adopting({"name": "kmeans"}), "not adopted clusters"),
    "half a model": (
        adopting({"name": "k", "version": 1, "ids": [1, 2], "k": 2, "centres": "AAA="}),
        "not adopted clusters",
    ),
    "huge ids": (
        adopting({"name": "k", "version": 1, "ids": [1 << 60, 1 << 63], "k": 0, "centres": ""}),
        "not adopted clusters",
    ),
    "a tail cut in a model": (adopting({"name": "kmeans"})[:-3], "not an adopted model"),
}


@pytest.mark.parametrize(("record", "words"), DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_record_is_skipped_with_its_reason_and_the_fold_goes_on(record, words):
    fold = Fold(POLICY)
    result = fold.apply([USER] * 3, [activity(offset=1), record, activity(offset=2)], [10, 11, 12])
    assert result.applied == 2
    ((offset, said),) = result.unreadable
    assert offset == 11
    assert words in said
    assert fold.cursor.applied_through == 12


@pytest.mark.parametrize("key", [None, b"", b"\xff\xfe"])
def test_an_event_needs_a_key_that_is_an_id_and_a_tick_needs_none(key):
    fold = Fold(POLICY)
    result = fold.apply([key, key, USER], [activity(), tick(1), activity(offset=1)], range(3))
    assert [offset for offset, _ in result.unreadable] == [0]
    assert fold.table.keys == [USER]


@pytest.mark.parametrize("generation", [0, 1, GENERATIONS - 1])
def test_an_event_of_an_input_topic_that_replaced_another_is_no_damage(generation):
    record = activity(offset=lasting_offset(generation, 7))
    result = Fold(POLICY).apply([USER], [record], [0])
    assert (result.applied, result.unreadable) == (1, [])


@pytest.mark.parametrize("key", [None, b"", b"\xff"])
def test_an_erasure_without_a_profile_id_erases_nobody(key):
    fold = Fold(POLICY)
    result = fold.apply([USER, key], [activity(), control_record(Kind.ERASE, NOON_MS, DIMS)], [0, 1])
    assert [offset for offset, _ in result.unreadable] == [1]
    assert fold.table.keys == [USER]


def test_damage_alone_moves_the_cursor_so_that_it_is_not_met_again():
    fold = Fold(POLICY)
    assert len(fold.apply([USER], [b"damage"], [5]).unreadable) == 1
    again = fold.apply([USER], [b"damage"], [5])
    assert (again.unreadable, again.replayed) == ([], 1)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 79), st.binary(max_size=40)), max_size=6), st.integers(1, 80))
def test_whatever_the_batches_the_same_records_are_skipped(damage, size):
    log = random_log(3, count=80)
    values = list(log.values)
    for at, garbage in damage:
        values[at] = garbage
    whole, parts = Fold(POLICY), Fold(POLICY)
    expected, found = whole.apply(log.keys, values, range(80)), FoldResult()
    for low in range(0, 80, size):
        batch = slice(low, low + size)
        found.unreadable += parts.apply(log.keys[batch], values[batch], range(80)[batch]).unreadable
    assert found.unreadable == expected.unreadable
    assert {offset for offset, _ in found.unreadable} == {at for at, _ in damage}
    assert parts.checkpoint() == whole.checkpoint()


@pytest.mark.parametrize("tail", [b"[", b"{}", b"null", b'[1, {"a": 2}, [], 4.5, true]', b"\xff", b"[" * 5000])
def test_a_tail_that_cannot_be_read_is_a_tail_without_texts(tail):
    record = activity()[:HEAD] + tail
    assert decode_tail(record, DIMS) == Tail()
    fold = Fold(POLICY)
    result = fold.apply([USER], [record], [0])
    assert (result.applied, result.unreadable) == (1, [])
    assert all(isinstance(text, str) for text in fold.dictionary.known.values())


def test_heads_of_short_records_are_blank_and_the_others_keep_their_places():
    heads = decode_heads([activity(at_s=1), b"", activity(at_s=2)], DIMS)
    assert (heads["event_time_ms"] - NOON_MS).tolist() == [1000, -NOON_MS, 2000]
    assert np.flatnonzero(heads["layout"] == 0).tolist() == [1]
