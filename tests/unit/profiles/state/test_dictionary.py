"""Names by number: collisions are resolved, what nobody uses leaves, a shopper's own words go with the shopper."""

import numpy as np
import pytest

from liveprofile.profiles.records.activity import digest32, name_check
from liveprofile.profiles.state import dictionary as module
from liveprofile.profiles.state.dictionary import Dictionary


def restored(dictionary: Dictionary) -> Dictionary:
    """The dictionary of its records."""
    again = Dictionary()
    for number, value in dictionary.take_unsaved():
        again.restore(number, value)
    return again


def test_of_200_000_names_no_two_become_one() -> None:
    names, known = [f"home/category-{at}" for at in range(200_000)], Dictionary()
    digests = [digest32(name) for name in names]
    assert len(set(digests)) < len(names), "there are collisions, or this shows nothing"
    numbers = [known.learn(digest, name, name_check(name)) for digest, name in zip(digests, names, strict=True)]
    assert len(set(numbers)) == len(names)
    _, counts = np.unique(digests, return_counts=True)
    assert sum(one != other for one, other in zip(numbers, digests, strict=True)) >= (counts - 1).sum()
    again = restored(known)
    for digest, name, number in zip(digests, names, numbers, strict=True):
        assert (known.name(number), again.find(digest, name_check(name))) == (name, number)


def test_the_next_number_may_be_taken_by_a_name_that_then_moves_on() -> None:
    known = Dictionary()
    assert [known.learn(7, "a", 1), known.learn(7, "b", 2), known.learn(8, "c", 3)] == [7, 8, 9]
    assert [known.find(7, 1), known.find(7, 2), known.find(8, 3), known.find(8, 9)] == [7, 8, 9, None]


def test_an_unknown_check_agrees_with_any() -> None:
    known = Dictionary()
    known.learn(7, "old", 0)
    assert known.find(7, 99) == 7
    known.learn(8, "new", 5)
    assert known.find(8, 0) == 8


def test_a_record_of_an_earlier_version_is_the_text_alone() -> None:
    known = Dictionary()
    known.restore(digest32("books"), b"books")
    known.restore(5, b"Lumen")
    assert known.find(digest32("books"), name_check("books")) == digest32("books")
    assert known.find(digest32("books"), name_check("other")) is None
    assert known.find(5, 77) == 5, "the text of a brand is not what its digest is of"


def test_when_it_is_nearly_full_the_names_unused_for_longest_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 30)
    monkeypatch.setattr(module, "ROOMY", 10)
    known = Dictionary()
    for at in range(40):
        known.learn(100 + at, f"junk-{at}", at + 1, month=5)
    for at in range(5):
        known.learn(at + 1, f"real-{at}", at + 1, month=1)
        known.use(at + 1, 9, None)
    again = restored(known)
    for one in (known, again):
        one.make_room()
        assert len(one.names) == 10
        assert {f"real-{at}" for at in range(5)} <= set(one.known.values())
    assert known.known == again.known
    freed = dict(known.take_unsaved())
    assert len(freed) == 35
    assert set(freed.values()) == {None}
    known.make_room()
    assert known.unsaved == {}


def test_a_name_that_only_a_shopper_declared_goes_with_the_shopper() -> None:
    known = Dictionary()
    known.learn(7, "my secret hobby", 1, owners={"anna"})
    known.learn(8, "shared words", 2, owners={"anna"})
    known.use(8, 0, {"bert"})
    known.learn(9, "shoes", 3, owners={"anna"})
    known.use(9, 0, None)
    for one in (known, restored(known)):
        one.take_unsaved()
        one.disown("anna")
        assert set(one.known.values()) == {"shared words", "shoes"}
        assert dict(one.take_unsaved())[7] is None
        one.disown("bert")
        assert set(one.known.values()) == {"shoes"}
        one.disown("nobody")
