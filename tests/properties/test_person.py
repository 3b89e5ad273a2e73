"""A person is a function of its identifiers' rows: the same in any order, and all is given back when one leaves."""

import random
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import DIMS, activity
from support.persons import POLICY, Spread, facet_of, snapshot, spread

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.person.compose import Person, compose
from liveprofile.profiles.person.facet import Facet
from liveprofile.profiles.person.fields import DECAYED, MEANS, OWN
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.codec import encode_profiles
from liveprofile.profiles.state.ledger import ledger_dtype
from liveprofile.profiles.state.row import blank_rows

SEEDS = st.integers(0, 30)
MOMENTS = settings(max_examples=25, deadline=None)


@lru_cache(maxsize=64)
def shop(seed: int, *, order_ids: bool = True) -> Spread:
    """The same shop for all tests of a seed."""
    return spread(seed, order_ids=order_ids)


def record(person: Person) -> bytes:
    """A person as its state record."""
    rows, ledgers = blank_rows(1, DIMS), np.zeros(1, ledger_dtype())
    rows[0], ledgers[0] = person.row, person.ledger
    return encode_profiles(rows, ledgers, DIMS)[0]


def composed(facets: Sequence[Facet], anchor: str | None = None) -> Person:
    """The person, whose anchor is the smallest key unless another is given."""
    return compose(facets, anchor or min(facet.key for facet in facets), POLICY)


@given(SEEDS, st.integers(0, 7))
@MOMENTS
def test_a_person_has_the_same_bytes_whatever_the_order_of_its_identifiers(seed: int, user: int) -> None:
    facets = shop(seed).facets(user)
    before = [facet.row.tobytes() + facet.ledger.tobytes() for facet in facets]
    expected = record(composed(facets))
    for attempt in range(4):
        shuffled = list(facets)
        random.Random(attempt).shuffle(shuffled)
        assert record(composed(shuffled)) == expected
    assert [facet.row.tobytes() + facet.ledger.tobytes() for facet in facets] == before


@given(SEEDS, st.integers(0, 7))
@MOMENTS
def test_a_person_of_one_identifier_is_its_profile_to_the_byte(seed: int, user: int) -> None:
    for facet in shop(seed).facets(user):
        alone = composed([facet])
        assert record(alone) == record(Person(facet.row, facet.ledger))
        fold = shop(seed).apart
        expected = fold.encoded_snapshots([facet.key.encode()])[0]
        assert expected is not None
        assert snapshot(fold, alone.row, facet.key) == expected.value


@given(SEEDS, st.integers(0, 7))
@MOMENTS
def test_who_leaves_takes_everything_along_and_leaves_nothing(seed: int, user: int) -> None:
    facets = shop(seed).facets(user)
    for facet in facets:
        rest = [other for other in facets if other is not facet]
        if not rest:
            continue
        anchor = min(one.key for one in rest)
        whole = compose(facets, anchor, POLICY)
        left = compose(rest, anchor, POLICY, own=whole.row)
        never = compose(rest, anchor, POLICY)
        for name in left.row.dtype.names or ():
            if name not in (*OWN, "slot_number", "slots_opened"):
                assert left.row[name].tobytes() == never.row[name].tobytes(), name
        assert left.ledger.tobytes() == never.ledger.tobytes()


@given(SEEDS, st.integers(0, 7))
@MOMENTS
def test_what_was_said_of_a_person_is_its_own_and_slots_keep_their_numbers(seed: int, user: int) -> None:
    facets = shop(seed).facets(user)
    first = composed(facets)
    again = compose(facets, min(facet.key for facet in facets), POLICY, own=first.row)
    assert record(again) == record(first)
    said = first.row.copy()
    said["version"], said["published_spend_band"], said["lifecycle"] = 999, 3, 2
    later = compose(facets, min(facet.key for facet in facets), POLICY, own=said).row
    assert (later["version"], later["published_spend_band"], later["lifecycle"]) == (999, 3, 2)
    numbers = [int(number) for number in first.row["slot_number"] if number]
    assert len(set(numbers)) == len(numbers) == int((first.row["slot_mass"] > 0).sum())


@given(SEEDS, st.integers(0, 7))
@MOMENTS
def test_sums_and_what_is_latest_do_not_depend_on_how_identifiers_are_put_together(seed: int, user: int) -> None:
    facets = shop(seed, order_ids=False).facets(user)  # an order told twice is counted once by the whole
    if len(facets) < 3:
        return
    pair = composed(facets[:2])
    in_steps = composed([Facet("0" * 32, 100, pair.row, pair.ledger), *facets[2:]]).row
    at_once = composed(facets).row
    for name in (*DECAYED, "mass", *(mass for mass, _ in MEANS.values())):
        np.testing.assert_allclose(in_steps[name], at_once[name], rtol=1e-5, atol=1e-6, err_msg=name)
    for name in ("events", "orders", "refunds", "spent", "sessions", "first_ms", "seen_ms", "last_order_ms", "refused"):
        assert in_steps[name] == at_once[name], name
    for name in ("recent_s", "recent_source", "device", "network", "country", "declared"):
        assert sorted(in_steps[name].ravel().tolist()) == sorted(at_once[name].ravel().tolist()), name


@given(SEEDS, st.integers(0, 7))
@MOMENTS
def test_a_composition_is_what_one_profile_of_all_events_would_know(seed: int, user: int) -> None:
    apart = shop(seed, order_ids=False)
    whole, found = apart.whole.table.row(b"%032x" % user), composed(apart.facets(user)).row
    for name in ("events", "orders", "orders_priced", "refunds", "spent", "refunded", "first_ms", "seen_ms"):
        assert found[name] == whole[name], name
    for name in ("mass", "by_action", "rate_burst", "rate_short", "hours_mass", "price_mass"):
        np.testing.assert_allclose(found[name], whole[name], rtol=1e-5, atol=1e-6, err_msg=name)
    for name in ("recent_s", "recent_source"):
        assert set(found[name].tolist()) == set(_newest(apart, user)[name]), name
    one, other = whole["interest"][2].astype(float), found["interest"][2].astype(float)
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.98


def _newest(apart: Spread, user: int) -> dict[str, list[int]]:
    """The newest actions that the identifiers' rows have, by time and source."""
    rings = [
        (int(at_s), int(source))
        for facet in apart.facets(user)
        for at_s, source in zip(facet.row["recent_s"], facet.row["recent_source"], strict=True)
        if at_s
    ]
    newest = sorted(rings)[-8:]
    return {"recent_s": [at_s for at_s, _ in newest], "recent_source": [source for _, source in newest]}


def one_shopper(key: bytes, *records: bytes) -> Facet:
    """An identifier that did these things."""
    fold = Fold(POLICY)
    fold.apply([key] * len(records), list(records), range(len(records)))
    return facet_of(fold, key)


def test_an_order_that_two_identifiers_told_counts_once_and_the_later_version_is_in_force() -> None:
    cookie = one_shopper(b"0" * 32, activity(Action.PURCHASE, order="o1", total=50.0, offset=1))
    user = one_shopper(
        b"1" * 32,
        activity(Action.PURCHASE, order="o1", total=40.0, at_s=60, offset=2),
        activity(Action.PURCHASE, order="o2", total=7.0, at_s=90, offset=3),
    )
    row, ledger = composed([cookie, user])
    assert (row["orders"], row["orders_priced"], row["spent"]) == (2, 2, 4_700)
    assert ledger["orders_kept"] == 2
    assert ledger["order_total"][:2].tolist() == [4_000, 700]
    assert row["spend_recent"] == pytest.approx(4_700, rel=1e-4)


def test_a_session_that_goes_on_after_the_login_is_one_session() -> None:
    cookie = one_shopper(b"0" * 32, *(activity(session="s1", at_s=at, offset=at) for at in range(3)))
    user = one_shopper(b"1" * 32, *(activity(session="s1", at_s=60 + at, offset=60 + at) for at in range(2)))
    tablet = one_shopper(b"2" * 32, activity(session="s2", at_s=30, offset=30))
    asleep = one_shopper(b"3" * 32, activity(session="s3", at_s=-9_000, offset=90))
    row = composed([cookie, user, tablet, asleep]).row
    assert row["session"] == user.row["session"]
    assert row["session_events"] == 5
    assert row["session_start_ms"] == cookie.row["session_start_ms"]
    assert row["open_session"].tolist() == [tablet.row["session"], 0]
    assert row["open_mass"][0] < row["mass"][0]


def test_of_two_identifiers_seen_at_one_moment_the_order_does_not_choose_the_session() -> None:
    cookie = one_shopper(b"0" * 32, activity(session="s1", offset=1))
    user = one_shopper(b"1" * 32, activity(session="s2", offset=2))
    assert record(composed([cookie, user])) == record(composed([user, cookie]))


def test_a_person_of_one_identifier_with_a_history_of_its_own_keeps_that() -> None:
    alone = one_shopper(b"1" * 32, activity(offset=1))
    said = alone.row.copy()
    said["version"], said["published_spend_band"], said["events"] = 999, 3, 77
    row = compose([alone], alone.key, POLICY, own=said).row
    assert (row["version"], row["published_spend_band"], row["events"]) == (999, 3, 1)


def test_a_correction_wins_over_a_later_declaration_and_then_the_later_statement() -> None:
    def states(key: bytes, action: Action, value: int, at_s: float) -> Facet:
        return one_shopper(key, activity(action, at_s=at_s, subject="price_focus", topic=None, value=value, offset=1))

    corrected = states(b"1" * 32, Action.CORRECT, 11, 0)
    declared = states(b"0" * 32, Action.DECLARE, 22, 50)
    later = states(b"2" * 32, Action.DECLARE, 33, 90)
    assert composed([corrected, declared, later]).row["declared"][0][1] == 11
    assert composed([declared, later]).row["declared"][0][1] == 33


def test_an_identifier_that_was_erased_or_did_nothing_adds_nothing() -> None:
    active = one_shopper(b"1" * 32, activity(offset=1))
    blank = Facet("0" * 32, 100, blank_rows(1, DIMS)[0], np.zeros(1, ledger_dtype())[0])
    row = compose([blank, active], blank.key, POLICY).row
    assert row["events"] == 1
    assert row["version"] == 0
    assert row["interest"].tobytes() == active.row["interest"].tobytes()


def test_two_facets_of_one_key_and_a_strange_anchor_are_refused() -> None:
    active = one_shopper(b"1" * 32, activity(offset=1))
    with pytest.raises(ValueError, match="2 facets have 1 keys"):
        compose([active, active], active.key, POLICY)
    with pytest.raises(ValueError, match="the anchor is none"):
        compose([active], "2" * 32, POLICY)
