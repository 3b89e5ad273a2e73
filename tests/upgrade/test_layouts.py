"""Layouts are pinned by their fingerprints, and old records are read by name into whatever the row has become."""

import sys
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pytest

from liveprofile.models.snapshot import SCHEMA
from liveprofile.profiles.fold.cursor import CURSOR_KEY, Cursor, Migration
from liveprofile.profiles.records.activity import FIRST_LAYOUT, HEADS, LAYOUT, decode_heads, decode_tail, head_dtype_of
from liveprofile.profiles.records.layouts import (
    Family,
    UnknownLayoutError,
    fields_of,
    fingerprint_of,
    read_known,
    whole_words,
)
from liveprofile.profiles.records.layouts.fields import dtype_of
from liveprofile.profiles.records.layouts.migrations import FUNCTIONS
from liveprofile.profiles.records.training_example import EXAMPLES
from liveprofile.profiles.state.codec import LAYOUT as ROW_LAYOUT
from liveprofile.profiles.state.codec import ROWS, decode_rows, encode_rows
from liveprofile.profiles.state.row import BLANKS, row_dtype
from liveprofile.streams.stages.learn.versions import trusted
from tests.upgrade import normal
from tests.upgrade.digests import DIMS
from tests.upgrade.layouts import FAMILIES, is_known
from tests.upgrade.test_golden import GOLDEN, records

NEXT_STEP = """
The layout of {name} records has changed. Records of the old one are on topics and must be read:
1. run `python -m tests.upgrade.layouts`: it adds the new layout to profiles/records/layouts/{name}.json;
2. write fields that were renamed into "renamed" there, old name to new name: all others begin blank;
3. write a function into profiles/records/layouts/migrations/ where a field means something else now;
4. of records without a fingerprint (heads, examples) count LAYOUT up, and write the older one while others read it.
What the change does so far: {changes}"""
AE9FA68 = GOLDEN / "ae9fa68"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_layout_that_is_written_is_known_by_its_fingerprint(family: Family) -> None:
    before = read_known(family.name)[-1].fingerprint
    assert is_known(family), NEXT_STEP.format(name=family.name, changes=family.changes(before).words())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_no_known_layout_was_touched_and_no_name_is_lost_by_mistake(family: Family) -> None:
    assert [fingerprint_of(one.fields) for one in family.layouts] == [one.fingerprint for one in family.layouts]
    assert [one.number for one in family.layouts] == sorted(one.number for one in family.layouts)
    for before, after in pairwise(family.layouts):
        assert set(after.renamed) <= {one[0] for one in before.fields}
        assert set(after.renamed.values()) <= {one[0] for one in after.fields}


@pytest.mark.parametrize("family", [HEADS, *EXAMPLES.values()], ids=lambda family: family.name)
def test_a_record_without_a_fingerprint_has_a_number_of_its_own_for_each_layout(family: Family) -> None:
    assert max(Counter(one.number for one in family.layouts).values()) == 1


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_type_that_holds_less_than_before_has_a_function(family: Family) -> None:
    for before, after in pairwise(family.layouts):
        old = dtype_of(before.fields, DIMS, words=False)
        new = dtype_of(after.fields, DIMS, words=False)
        for name in old.names or ():
            kept = after.renamed.get(name, name)
            if kept in (new.names or ()) and not np.can_cast(old[name].base, new[kept].base, "safe"):
                assert (before.fingerprint, after.fingerprint) in FUNCTIONS


def test_the_layouts_of_ae9fa68_are_the_ones_that_its_records_have() -> None:
    wrote = orjson.loads((AE9FA68 / "layouts.json").read_bytes())
    for family, name, words in ((ROWS, "row", True), (HEADS, "head", False)):
        dtype = dtype_of(family.layouts[0].fields, DIMS, words=words)
        assert orjson.loads(orjson.dumps(dtype.descr)) == wrote[name]


def _fields() -> list[Any]:
    return [one for one in row_dtype(DIMS).descr if one[0] != "spare"]


def test_old_records_are_read_right_when_a_field_is_added_in_the_middle() -> None:
    at = [one[0] for one in _fields()].index("reviews")

    def with_more(dims: int) -> np.dtype[np.void]:
        fields = [one for one in row_dtype(dims).descr if one[0] != "spare"]
        return whole_words([*fields[:at], ("rank", "<f4", (6,)), ("tier", "i1"), *fields[at:]])

    family = Family("row", with_more, ROW_LAYOUT, known=ROWS.layouts, blanks=BLANKS | {"tier": -1}, words=True)
    values = _profiles()
    old, new = decode_rows(values, DIMS), decode_rows(values, DIMS, family)
    assert family.fingerprint != ROWS.fingerprint
    assert family.changes(ROWS.fingerprint).words() == "by name: adds rank, tier"
    assert len(old) > 20
    assert all(old[name].tobytes() == new[name].tobytes() for name, *_ in _fields())
    assert not new["rank"].any()
    assert set(new["tier"].tolist()) == {-1}


def test_old_records_are_read_right_when_a_field_is_removed_and_others_change_places() -> None:
    def with_less(dims: int) -> np.dtype[np.void]:
        return whole_words([one for one in row_dtype(dims).descr if one[0] not in ("spare", "reviews")][::-1])

    family = Family("row", with_less, ROW_LAYOUT, known=ROWS.layouts, blanks=BLANKS, words=True)
    values = _profiles()
    old, new = decode_rows(values, DIMS), decode_rows(values, DIMS, family)
    assert family.changes(ROWS.fingerprint).words() == "by name: drops reviews"
    assert old["reviews"].any()
    assert all(old[name].tobytes() == new[name].tobytes() for name, *_ in _fields() if name != "reviews")


def test_an_array_that_has_grown_keeps_what_it_held() -> None:
    def small(dims: int) -> np.dtype[np.void]:
        return np.dtype([("member_s", "<u4", (2,)), ("hours", "<i2", (3,))])

    def large(dims: int) -> np.dtype[np.void]:
        return np.dtype([("hours", "<i4", (3,)), ("member_s", "<u4", (4,))])

    old = Family("test", small, 1, known=())
    family = Family("test", large, 1, known=old.layouts)
    rows = np.array([((1, 2), (-3, 4, 5))], small(0))
    grown = family.migrate(rows, old.fingerprint, 0)
    assert grown["hours"].tolist() == [[-3, 4, 5]]
    assert grown["member_s"].tolist() == [[1, 2, 0, 0]]


def _profiles() -> list[bytes]:
    """State records of ae9fa68, and some of the present layout among them."""
    values = [value or b"" for key, value in records(AE9FA68, "state") if key and not key.startswith(b"\x00")]
    return [*values[::2], *encode_rows(decode_rows(values[1::2], DIMS), DIMS)]


def test_the_record_of_ae9fa68_keeps_every_value_under_its_new_name() -> None:
    values = [value or b"" for key, value in records(AE9FA68, "state") if key and not key.startswith(b"\x00")]
    rows = decode_rows(values, DIMS)
    first = ROWS.layouts[0]
    same = Family("row", lambda dims: dtype_of(first.fields, dims, words=True), 3, known=(first,), words=True)
    old = decode_rows([encode_rows_of_first(value) for value in values], DIMS, same)
    names = {old: new for layout in ROWS.layouts[1:] for old, new in layout.renamed.items()}
    for name in (one[0] for one in first.fields):
        kept = rows[names.get(name, name)]
        assert np.array_equal(kept[:, : old[name].shape[1]] if old[name].ndim == 2 else kept, old[name]), name


def encode_rows_of_first(value: bytes) -> bytes:
    """A record of ae9fa68 with the header of today's, so that it is read in its own layout."""
    header = bytes([ROW_LAYOUT, 0, *value[2:4], *bytes.fromhex(ROWS.layouts[0].fingerprint)])
    return header + value[4:]


def test_profiles_of_ae9fa68_know_their_orders_and_their_ids_as_before() -> None:
    values = [value or b"" for key, value in records(AE9FA68, "state") if key and not key.startswith(b"\x00")]
    rows = decode_rows(values, DIMS)
    assert (rows["orders_priced"][rows["spent"] > 0] == rows["orders"][rows["spent"] > 0]).all()
    assert not rows["orders_priced"][rows["spent"] == 0].any()
    assert (rows["session_seen_ms"] == rows["seen_ms"]).all()
    with_ids = rows["event_ids"].any(axis=1)
    assert with_ids.any()
    assert set(rows["event_ids_plain"][with_ids].tolist()) == set(rows["event_ids_kept"][with_ids].tolist()) == {32}


def test_rows_are_read_by_name_field_by_field_and_not_row_by_row() -> None:
    assert calls_of_reading(2_000) == calls_of_reading(20)


def calls_of_reading(count: int) -> int:
    """Calls of functions, C's among them, for so many rows of the first layout."""
    old, calls = ROWS.layouts[0].fingerprint, 0
    rows = np.zeros(count, ROWS.dtype(old, DIMS))
    ROWS.migrate(rows, old, DIMS)  # what is looked up the first time is known

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        ROWS.migrate(rows, old, DIMS)
    finally:
        sys.setprofile(None)
    return calls


def test_activities_of_all_layouts_stand_side_by_side() -> None:
    values = [value or b"" for _, value in records(AE9FA68, "activity")]
    old = decode_heads(values, DIMS)
    tail = head_dtype_of(FIRST_LAYOUT, DIMS).itemsize
    written = [head.tobytes() + value[tail:] for head, value in zip(old, values, strict=True)]
    mixed = [one if at % 3 else other for at, (one, other) in enumerate(zip(values, written, strict=True))]
    assert Counter(value[0] for value in mixed).keys() == {FIRST_LAYOUT, LAYOUT}
    assert decode_heads(mixed, DIMS).tobytes() == old.tobytes()
    assert [decode_tail(one, DIMS) for one in mixed] == [decode_tail(one, DIMS) for one in values]


def test_what_words_are_like_goes_to_queries_and_to_reviews() -> None:
    values = [value or b"" for name in ("activity", "activity-2") for _, value in records(AE9FA68, name)]
    wording = np.array([np.frombuffer(value, head_dtype_of(2, DIMS), 1)[0]["wording"] for value in values])
    heads = decode_heads(values, DIMS)
    queries, reviews = heads["action"] == 7, heads["action"] == 10
    assert wording[queries].any()
    assert wording[reviews].any()
    assert heads["query_specificity"].tolist() == np.where(queries, wording, 0).tolist()
    assert heads["review_tone"].tolist() == np.where(reviews, wording, 0).tolist()


def test_a_fingerprint_does_not_depend_on_the_length_of_vectors() -> None:
    assert fingerprint_of(fields_of(row_dtype)) == ROWS.fingerprint
    assert {one[0] for one in fields_of(row_dtype)} == set(row_dtype(7).names or ()) - {"spare"}


def test_the_cursor_notes_from_which_offset_profiles_have_the_present_layout() -> None:
    value = dict(records(AE9FA68, "state"))[CURSOR_KEY] or b""
    cursor = Cursor.decode(value)
    noted = Migration(ROWS.layouts[0].fingerprint, ROWS.fingerprint, cursor.applied_through + 1)
    assert cursor.migrations == [noted]
    again = Cursor.decode(cursor.encode())
    assert again.migrations == [noted]
    assert normal.cursor(again.encode()) == normal.cursor(value)


@pytest.mark.parametrize("fields", [{"layout": 6}, {"row_layout": "0badc0de"}])
def test_a_cursor_of_a_newer_program_is_refused_by_its_layout(fields: dict[str, object]) -> None:
    with pytest.raises(UnknownLayoutError, match="a cursor was written by a newer program"):
        Cursor.decode(orjson.dumps(orjson.loads(Cursor().encode()) | fields))


def test_a_model_version_of_a_newer_program_is_not_passed_over() -> None:
    """Passed over, the learners would begin anew, and give the number of the newer version to another model."""
    key, value = records(AE9FA68, "models")[-1]
    newer = orjson.dumps(orjson.loads(value or b"") | {"schema": SCHEMA + 1})
    with pytest.raises(UnknownLayoutError, match="a model version was written by a newer program: layout schema"):
        list(trusted({key or b"": value or b"", b"models@999999": newer}))
