"""Names in the fold: two of one digest stay two, and what a shopper declared does not outlive an erasure."""

import pytest
from support.activities import activity, erasure, tick
from support.folding import POLICY, USER, Shopper

from liveprofile.profiles.fold.cursor import NAME_PREFIX
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.records.activity import Action, digest32, name_check
from liveprofile.profiles.state import dictionary as module

OTHER = b"f" * 32


def twins() -> tuple[str, str]:
    """Two names of one digest."""
    seen: dict[int, str] = {}
    for at in range(400_000):
        name = f"home/category-{at}"
        if (digest := digest32(name)) in seen:
            return seen[digest], name
        seen[digest] = name
    raise AssertionError("no collision")


@pytest.mark.parametrize("at_once", [False, True])
def test_two_categories_of_one_digest_stay_two(at_once: bool) -> None:
    one, other = twins()
    assert digest32(one) == digest32(other)
    shopper = Shopper()
    views = [activity(at_s=at, offset=at, topic=(one, other)[at % 2]) for at in range(40)]
    if at_once:
        shopper.does(*views)
    else:
        for view in views:
            shopper.does(view)
    assert {share.topic for share in shopper.snapshot.interests.long} == {one, other}
    shares = [share.share for share in shopper.snapshot.interests.long]
    assert shares == pytest.approx([0.5, 0.5], abs=0.05)


def test_numbers_are_the_same_after_a_restart_in_the_middle() -> None:
    one, other = twins()
    views = [activity(at_s=at, offset=at, topic=(one, other)[at // 2 % 2]) for at in range(12)]
    whole, first = Fold(POLICY), Fold(POLICY)
    whole.apply([USER] * 12, views, range(12))
    first.apply([USER] * 5, views[:5], range(5))
    records, cursor = first.checkpoint()
    again = Fold(POLICY)
    again.restore([*records, (b"\x00cursor", cursor)])
    again.apply([USER] * 7, views[5:], range(5, 12))
    assert again.dictionary.known == whole.dictionary.known
    assert again.table.row(USER).tobytes() == whole.table.row(USER).tobytes()


def declares(text: str, at_s: float = 0.0, offset: int = 0) -> bytes:
    """A declaration of a favourite category in the shopper's own words."""
    value = {"value": digest32(text)}
    return activity(
        Action.DECLARE,
        topic=text,
        subject="preferred_category",
        at_s=at_s,
        offset=offset,
        source=("declarations", 0),
        **value,
    )


def test_what_a_shopper_declared_does_not_outlive_an_erasure() -> None:
    shopper = Shopper()
    shopper.does(declares("things of my late husband"), activity(topic="books", offset=1))
    assert "things of my late husband" in [one.value for one in shopper.snapshot.declared]
    records, _ = shopper.fold.checkpoint()
    shopper.does(erasure(60))
    assert set(shopper.fold.dictionary.known.values()) == {"books"}
    gone, _ = shopper.fold.checkpoint()
    assert dict(gone)[NAME_PREFIX + b"%08x" % digest32("things of my late husband")] is None
    assert not any(b"husband" in (value or b"") for _, value in gone)
    assert any(b"husband" in (value or b"") for _, value in records)


def test_a_category_that_others_look_at_stays() -> None:
    fold = Fold(POLICY)
    fold.apply([USER, OTHER, USER], [declares("garden"), activity(topic="garden"), erasure(9)], range(3))
    assert set(fold.dictionary.known.values()) == {"garden"}


def test_a_full_dictionary_makes_room_at_a_tick_and_names_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 20)
    monkeypatch.setattr(module, "ROOMY", 5)
    shopper, month_s = Shopper(), 30 * 86_400.0
    shopper.does(*(activity(at_s=at, topic=f"junk/{at}", offset=at) for at in range(40)))
    shopper.does(activity(at_s=3 * month_s, topic="books", offset=50), tick(3 * month_s))
    assert len(shopper.fold.dictionary.names) == 5
    assert "books" in shopper.fold.dictionary.known.values()
    shopper.does(activity(at_s=3 * month_s + 9, topic="junk/0", offset=51))
    assert "junk/0" in shopper.fold.dictionary.known.values()


def test_activities_without_a_check_share_the_number_of_their_digest() -> None:
    """Records of earlier layouts have none."""
    shopper = Shopper()
    shopper.does(activity(topic="books", category_check=0), activity(topic="books", at_s=1, offset=1))
    assert shopper.fold.dictionary.known == {digest32("books"): "books"}
    assert name_check("books") != digest32("books")
