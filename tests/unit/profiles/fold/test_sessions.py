"""Sessions that go on at once stay apart: counts, pace, what they are about, and what is unusual in them."""

import numpy as np
from support.activities import TOPICS, activity
from support.folding import Shopper

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.training_example import decode
from liveprofile.profiles.state.row import OPEN_SESSIONS, SESSION_TASK

DAY_S = 86_400.0


def in_turns(*sessions: str, count: int = 40, every_s: float = 10.0) -> list[bytes]:
    """Views of sessions that take turns."""
    return [activity(at_s=at * every_s, offset=at, session=sessions[at % len(sessions)]) for at in range(count)]


def session_examples(result: FoldResult) -> int:
    found = [decode(key, value) for key, value in result.examples]
    return sum(one is not None and one.kind == ExampleKind.SESSION for one in found)


def test_two_sessions_in_turns_are_two_and_not_one_for_each_event() -> None:
    two, one = Shopper(), Shopper()
    result, alone = two.does(*in_turns("phone", "laptop")), one.does(*in_turns("one"))
    assert (int(two.row["sessions"]), int(two.row["session_events"])) == (2, 20)
    assert (int(one.row["sessions"]), int(one.row["session_events"])) == (1, 40)
    assert len(result.examples) == len(alone.examples)


def test_three_sessions_fit_and_a_fourth_takes_the_place_of_the_one_quiet_for_longest() -> None:
    shopper = Shopper()
    shopper.does(*in_turns("a", "b", "c", count=30))
    assert OPEN_SESSIONS == 2
    assert int(shopper.row["sessions"]) == 3
    shopper.does(activity(at_s=301, offset=40, session="d"), activity(at_s=302, offset=41, session="b"))
    assert int(shopper.row["session_events"]) == 11
    shopper.does(activity(at_s=303, offset=42, session="a"))
    assert (int(shopper.row["sessions"]), int(shopper.row["session_events"])) == (5, 1), "a was dropped for d"


def test_each_session_ends_by_its_own_pause() -> None:
    shopper = Shopper()
    phone = [activity(at_s=at * 600, offset=at, session="phone") for at in range(8)]
    shopper.does(activity(offset=50, session="laptop", source=("searches", 0)), *phone)
    shopper.does(activity(at_s=4_300, offset=51, session="laptop", source=("searches", 0)))
    assert (int(shopper.row["sessions"]), int(shopper.row["session_events"])) == (3, 1)


def test_a_clock_a_minute_behind_has_a_session_of_its_own_too() -> None:
    shopper = Shopper()
    shopper.does(
        *(activity(at_s=at * 10 - 60 * (at % 2), offset=at, session="late" if at % 2 else "now") for at in range(40))
    )
    assert (int(shopper.row["sessions"]), int(shopper.row["session_events"])) == (2, 20)


def test_counts_of_the_current_session_are_its_own() -> None:
    shopper = Shopper()
    shopper.does(
        activity(Action.CART, offset=0, session="phone"),
        activity(Action.SEARCH, at_s=5, offset=1, session="laptop"),
        activity(Action.VIEW, at_s=9, offset=2, session="phone"),
    )
    counts = shopper.row["session_by_action"]
    assert (counts[Action.CART], counts[Action.SEARCH], counts[Action.VIEW]) == (1, 0, 1)


def takeover(*, owner_browses: bool) -> Shopper:
    """An owner of thirty days, then somebody else on a new device who looks at other things and buys."""
    owner = {"device": 11, "network": 12, "country": 13}
    other = {"device": 91, "network": 92, "country": 93}
    shopper, at_s, records = Shopper(), 0.0, []
    for day in range(30):
        records += [
            activity(at_s=day * DAY_S + step * 60, offset=len(records) + step, session=f"s{day}", **owner)
            for step in range(5)
        ]
    at_s = 30 * DAY_S
    for step in range(12):
        at_s += 20
        action, topic = (Action.VIEW if step < 8 else Action.PURCHASE), ("toys/puzzles", "books")[step % 2]
        total = 0.0 if step < 8 else 80.0
        number = len(records)
        records.append(activity(action, at_s=at_s, topic=topic, total=total, offset=number, session="b", **other))
        if owner_browses:
            records.append(activity(at_s=at_s + 5, offset=number + 1, session="owner", **owner))
    shopper.does(*records)
    return shopper


def test_an_owner_who_browses_does_not_hide_a_takeover() -> None:
    alone, beside = takeover(owner_browses=False), takeover(owner_browses=True)
    assert {"identity", "interest-drift"} <= {one.kind for one in alone.anomalies}
    assert {"identity", "interest-drift"} <= {one.kind for one in beside.anomalies}


def bot(*, owner_browses: bool) -> Shopper:
    """A program that loads a page every two seconds, beside a person at a person's pace."""
    random, shopper, at_s = np.random.default_rng(3), Shopper(), 0.0
    records = [(at * 2.0, "bot") for at in range(120)]
    if owner_browses:
        while at_s < 240:
            at_s += float(random.exponential(7.0))
            records.append((at_s, "owner"))
    records.sort()
    shopper.does(*(activity(at_s=at, offset=place, session=name) for place, (at, name) in enumerate(records)))
    return shopper


def test_a_person_beside_a_program_does_not_hide_its_pace() -> None:
    assert "raised" in bot(owner_browses=False).steps("bot-like")
    assert "raised" in bot(owner_browses=True).steps("bot-like")


def test_the_velocity_of_two_sessions_is_that_of_both() -> None:
    shopper = Shopper()
    shopper.does(*in_turns("a", "b", "c", count=150, every_s=0.4))
    assert "raised" in shopper.steps("velocity")


def test_what_is_new_in_a_visit_stays_new_when_another_session_begins() -> None:
    shopper, known = Shopper(), {"device": 1}
    shopper.does(*(activity(at_s=at * DAY_S, offset=at, session=f"d{at}", **known) for at in range(12)))
    shopper.does(activity(at_s=12 * DAY_S, offset=20, session="x", device=2))
    shopper.does(activity(at_s=12 * DAY_S + 9, offset=21, session="y", device=2))
    assert int(shopper.row["novel"]) == 1
    shopper.does(activity(at_s=13 * DAY_S, offset=22, session="z", device=2))
    assert int(shopper.row["novel"]) == 0


def test_a_purchase_is_the_outcome_of_its_own_session() -> None:
    shopper = Shopper()
    shopper.does(*(activity(at_s=at, offset=at, session="a") for at in range(40)))
    assert shopper.row["pending_ms"][SESSION_TASK]
    shopper.does(activity(Action.PURCHASE, at_s=60, offset=50, session="b", total=9))
    assert not shopper.row["pending_label"][SESSION_TASK]
    shopper.does(activity(Action.PURCHASE, at_s=70, offset=51, session="a", total=9))
    assert shopper.row["pending_label"][SESSION_TASK]


def test_the_parts_of_the_sessions_add_up_to_the_session_interests() -> None:
    shopper = Shopper()
    for at in range(30):
        topic = TOPICS[0] if at % 2 else TOPICS[1]
        shopper.does(activity(at_s=at * 20, offset=at, session="ab"[at % 2], topic=topic))
    row = shopper.row
    beside = row["open_topic_mass"].sum(axis=0)
    shares = dict(zip(row["topic"].tolist(), (beside / np.maximum(row["topic_mass"][0], 1e-9)).tolist(), strict=True))
    assert sorted(round(share, 3) for topic, share in shares.items() if topic) == [0.0, 1.0]
    assert float(row["open_mass"].sum()) < float(row["mass"][0])
