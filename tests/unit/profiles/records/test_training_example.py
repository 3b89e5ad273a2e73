"""The example record, byte by byte."""

from functools import partial

import numpy as np
import pytest

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.records import training_example
from liveprofile.profiles.records.layouts import Family, UnknownLayoutError
from liveprofile.profiles.records.training_example import EXAMPLES


def places(count: int = 3, dims: int = 4) -> list[bytes]:
    rows = training_example.blank_examples(ExampleKind.PLACE, count, dims, partition=3)
    rows["offset"] = np.arange(count) + 1_000_000_000_000
    rows["event_time_ms"], rows["version"], rows["topic"] = 1_700_000_000_000, np.arange(count) + 7, 9
    rows["vector"] = np.arange(count * dims).reshape(count, dims) - 5
    return training_example.encode(rows, ["pans", "", "кастрюли"][:count])


def test_examples_survive_their_bytes() -> None:
    found = [training_example.decode(b"p", value) for value in places()]
    assert all(one is not None for one in found)
    read = [one for one in found if one is not None]
    assert [one.row["vector"].tolist() for one in read] == [[-5, -4, -3, -2], [-1, 0, 1, 2], [3, 4, 5, 6]]
    assert [one.offset - 1_000_000_000_000 for one in read] == [0, 1, 2] and {one.partition for one in read} == {3}
    assert [one.text for one in read] == ["pans", "", "кастрюли"] and {one.time_ms for one in read} == {
        1_700_000_000_000
    }
    assert [int(one.row["version"]) for one in read] == [7, 8, 9]


def test_the_layout_is_the_documented_one() -> None:
    """Layout 4, kind 1, dims 2, partition 3, offset 4, ordinal 9, time 5, version 6, topic 7, vector [7, -8], text."""
    rows = training_example.blank_examples(ExampleKind.PLACE, 1, 2, partition=3)
    rows["offset"], rows["ordinal"], rows["event_time_ms"], rows["version"], rows["topic"] = 4, 9, 5, 6, 7
    rows["vector"] = [7, -8]
    (record,) = training_example.encode(rows, ["ab"])
    assert record.hex(" ") == (
        "04 01 02 00 03 00 04 00 00 00 00 00 00 00 09 00 00 00 05 00 00 00 00 00 00 00 06 00 00 00 07 00 00 00 "
        "07 00 f8 ff 61 62"
    )


@pytest.mark.parametrize("kind", ExampleKind)
def test_a_record_for_older_programs_is_the_one_they_wrote_and_has_no_ordinal(kind: ExampleKind) -> None:
    rows = training_example.blank_examples(kind, 1, 8, partition=1)
    rows["offset"], rows["ordinal"], rows["event_time_ms"] = 5, 6, 7
    (record,) = training_example.encode(rows)
    older = EXAMPLES[kind].layouts[0]
    row = np.frombuffer(training_example.without_ordinal(record), EXAMPLES[kind].dtype(older.fingerprint, 8))[0]
    assert (row["layout"], row["offset"], row["event_time_ms"]) == (older.number, 5, 7)
    found = training_example.decode(b"p", row.tobytes())
    assert found is not None and found.ordinal is None and (found.offset, found.time_ms) == (5, 7)


@pytest.mark.parametrize("kind", ExampleKind)
def test_every_kind_survives_its_bytes(kind: ExampleKind) -> None:
    rows = training_example.blank_examples(kind, 1, 8, partition=1)
    rows["offset"] = 5
    found = training_example.decode(b"p", training_example.encode(rows)[0])
    assert found is not None and found.kind == kind and found.row.tobytes() == rows.tobytes()


LABELLED = training_example.encode(training_example.blank_examples(ExampleKind.LABELLED, 1, 4, 0))[0]


@pytest.mark.parametrize("bad", [None, b"", b"\x03", b"\x02" + LABELLED[1:], LABELLED[:-1], LABELLED + b"x", bytes(33)])
def test_what_is_no_example_is_told(bad: bytes | None) -> None:
    assert training_example.decode(b"p", bad) is None


@pytest.mark.parametrize("newer", [b"\x05" + LABELLED[1:], LABELLED[:1] + b"\x09" + LABELLED[2:]])
def test_an_example_of_a_newer_program_is_not_passed_over(newer: bytes) -> None:
    with pytest.raises(UnknownLayoutError, match="an example was written by a newer program"):
        training_example.decode(b"p", newer)


def test_an_example_of_an_older_layout_is_read_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def older(dims: int) -> np.dtype[np.void]:
        fields = [one for one in training_example.example_dtype(ExampleKind.LABELLED, dims).descr if one[0] != "task"]
        return np.dtype([*fields[:6], ("odds", "<f8"), *fields[6:]])

    before = Family("older", older, 2, known=())
    family = Family(
        "labelled",
        partial(training_example.example_dtype, ExampleKind.LABELLED),
        training_example.LAYOUT,
        known=before.layouts,
    )
    monkeypatch.setitem(training_example.EXAMPLES, ExampleKind.LABELLED, family)
    row = np.zeros(1, older(4))
    row["layout"], row["kind"], row["dims"], row["offset"] = 2, ExampleKind.LABELLED, 4, 9
    row["label"], row["input"], row["odds"] = 1, [1, 2, 3, 4], 5.0
    found = training_example.decode(b"p", row.tobytes())
    assert found is not None and found.offset == 9
    assert (int(found.row["label"]), found.row["input"].tolist(), int(found.row["task"])) == (1, [1, 2, 3, 4], 0)


def test_checksums_tell_examples_of_one_activity_apart() -> None:
    a, b, c = (
        training_example.decode(b"p", LABELLED),
        training_example.decode(b"q", LABELLED),
        training_example.decode(b"p", LABELLED),
    )
    assert a is not None and b is not None and c is not None
    assert a.checksum == c.checksum != b.checksum
