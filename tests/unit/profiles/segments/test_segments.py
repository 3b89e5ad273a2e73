"""Segments are entered and left by the shop's rules, and every step says why."""

import pytest
from support.activities import NOON_MS, activity, adoption, tick
from support.folding import Shopper, codes
from support.rules import rule_text

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.records.activity import Action, digest32
from liveprofile.profiles.segments.expressions import RuleError, lower
from liveprofile.profiles.segments.features import FEATURES, PLACE, Feature
from liveprofile.profiles.segments.lowered import Lowered
from liveprofile.profiles.segments.rules import RuleSet, starter

DAY_S = 86_400.0


def shopper_under(*segments: str, states: tuple[tuple[str, str], ...] = (), version: int = 1) -> Shopper:
    """A shopper in a shop with these segments from the beginning on."""
    shopper = Shopper()
    shopper.does(rules(*segments, states=states, version=version))
    return shopper


def rules(*segments: str, at_s: float = 0.0, states: tuple[tuple[str, str], ...] = (), version: int = 1) -> bytes:
    """An adoption of such rules."""
    return adoption(at_s, {"what": "rules", "toml": rule_text(*segments, states=states, version=version)})


def segments(shopper: Shopper) -> list[tuple[list[str], list[str]]]:
    """Before and after of every change of segments."""
    return [(change.before, change.after) for change in shopper.on("segments")]


def test_a_segment_is_entered_and_left_at_thresholds_of_its_own() -> None:
    shopper = shopper_under("session.carts >= 2 | session.carts < 1")
    for at, action in enumerate((Action.CART, Action.CART, Action.UNCART)):
        shopper.does(activity(action, at_s=at, offset=at))
    assert segments(shopper) == [([], ["s0"])], "one cart is not enough to leave"
    shopper.does(activity(Action.UNCART, at_s=4, offset=4))
    assert codes(shopper.on("segments")) == ["SEGMENT_ENTERED", "SEGMENT_LEFT"]
    entered, left = (change.reason for change in shopper.on("segments"))
    assert (entered.rule, entered.threshold, entered.observed) == ("s0@1", 2.0, 2.0)
    assert (left.rule, left.threshold, left.observed) == ("s0@1", 1.0, 0.0)


def test_the_reason_names_the_comparison_that_decided() -> None:
    shopper = shopper_under("events >= 1 and (session.searches >= 5 or session.views >= 2)")
    for at in range(2):
        shopper.does(activity(at_s=at, offset=at))
    (change,) = shopper.on("segments")
    assert (change.reason.threshold, change.reason.observed) == (2.0, 2.0)
    assert change.message == "Segment s0 was entered: session.views >= 2, observed 2."


def test_a_message_names_a_declared_attribute_and_no_digest() -> None:
    shopper = shopper_under('declared["newsletter"] == "yes"')
    shopper.does(activity(Action.DECLARE, at_s=0, offset=0, subject="newsletter", value=digest32("yes")))
    (change,) = shopper.on("segments")
    assert change.message == 'Segment s0 was entered: decided by declared["newsletter"].'


def test_a_reason_about_a_name_has_the_name_that_was_observed() -> None:
    shopper = shopper_under(
        'spend.band in ["middle", "high"]', states=(("fresh", "events <= 1"), ("known", "events > 1"))
    )
    for at in range(2):
        shopper.does(activity(Action.PURCHASE, at_s=at, offset=at, total=60.0))
    entered = shopper.on("segments")[0].reason
    assert (entered.condition, entered.observed_name) == ('spend.band == "middle"', "middle")
    assert [change.reason.observed_name for change in shopper.on("lifecycle")] == [None, None], "events are a number"


@pytest.mark.parametrize("feature", [one for one in FEATURES if one.values])
def test_every_value_of_an_enumeration_has_its_name(feature: Feature) -> None:
    for at, name in enumerate(feature.values):
        lowered = Lowered()
        (atom,) = lower(f'{feature.name} != "{name}"', lowered)
        assert lowered.atom_words(atom) == f'{feature.name} != "{name}"'
        assert lowered.value_name(PLACE[feature.name], at) == name


def test_what_a_person_declared_and_whether_an_anomaly_is_open_have_names() -> None:
    lowered = Lowered()
    declared, by_nobody, is_open = (
        lower(text, lowered)[0]
        for text in ('declared["language"] == "de"', 'declared["planet"] != "Mars"', 'anomaly["velocity"]')
    )
    assert lowered.atom_words(declared) == 'declared["language"] == "de"'
    assert lowered.atom_words(by_nobody) == 'declared["planet"] != "Mars"'
    assert lowered.atom_words(is_open) == 'anomaly["velocity"]'
    language, planet, velocity = (lowered.atoms[atom].place for atom in (declared, by_nobody, is_open))
    assert lowered.value_name(language, digest32("fr")) == "fr", "the vocabulary knows it"
    assert lowered.value_name(language, 0) == ""
    assert lowered.value_name(planet, digest32("venus")) == f"#{digest32('venus'):08x}"
    assert [lowered.value_name(velocity, value) for value in (0, 1)] == ["false", "true"]
    assert lowered.value_name(PLACE["events"], 3) is None


def test_a_member_stays_at_least_as_long_as_the_rule_says() -> None:
    shopper = shopper_under("session.carts >= 1 | session.carts < 1 | 2h")
    shopper.does(activity(Action.CART, at_s=0, offset=0), activity(Action.UNCART, at_s=60, offset=1))
    assert segments(shopper) == [([], ["s0"])]
    shopper.does(tick(7199.999), tick(7200.0))
    assert segments(shopper) == [([], ["s0"]), (["s0"], [])]
    assert shopper.published[-1].origin == "timer" and shopper.published[-1].evidence == []


def test_a_refused_tag_leaves_at_once_and_stays_away_until_it_is_accepted() -> None:
    shopper = shopper_under("events >= 1 | events < 1 | 30d")
    shopper.does(activity(at_s=0, offset=0))
    shopper.does(activity(Action.REFUSE, at_s=1, offset=1, subject="s0"), activity(at_s=2, offset=2))
    assert segments(shopper) == [([], ["s0"]), (["s0"], [])]
    assert codes(shopper.on("segments"))[1] == "SEGMENT_REFUSED"
    shopper.does(activity(Action.ACCEPT, at_s=3, offset=3, subject="s0"))
    assert segments(shopper)[-1] == ([], ["s0"])


def test_new_rules_are_applied_at_once_and_slots_go_by_name() -> None:
    shopper = shopper_under("events >= 1", "session.carts >= 1")
    shopper.does(activity(Action.CART, at_s=5, offset=0))
    assert segments(shopper)[-1][1] == ["s0", "s1"]
    shopper.does(rules("events >= 5", at_s=100, version=2))
    assert segments(shopper)[-2:] == [(["s0", "s1"], ["s0"]), (["s0"], [])]
    removed, edited = (change.reason for change in shopper.on("segments")[-2:])
    assert (removed.rule, edited.rule, edited.observed) == ("removed@2", "s0@2", 1.0)
    assert shopper.on("segments")[-2].message == "Segment s1 was left: the shop removed its rule."
    assert shopper.published[-1].models["rules"] == "test@2"
    assert shopper.row["rules"] == shopper.fold.cursor.rules.compiled_rules.version


def test_rules_that_cannot_be_read_leave_those_in_force() -> None:
    shopper = shopper_under("events >= 1")
    result = shopper.does(adoption(1.0, {"what": "rules", "toml": rule_text("evnts > 1")}))
    assert "did you mean events" in result.unreadable[0][1]
    assert shopper.fold.cursor.rules.label == "test@1"


def test_rules_in_force_survive_a_restart_with_their_slots() -> None:
    shopper = shopper_under("events >= 1", "events >= 2")
    shopper.does(rules("events >= 3", at_s=1, version=2), rules("events >= 4", "events >= 9", at_s=2, version=3))
    before = shopper.fold.cursor
    again = type(before).decode(before.encode())
    assert again.rules.slots == before.rules.slots
    assert [before.rules.slots[name] for name in ("s0", "s1")] == [20, 21], "the starter's keep theirs"
    assert again.rules.compiled_rules.version == before.rules.compiled_rules.version


def test_the_lifecycle_remembers_the_state_before() -> None:
    states = (
        ("gone", "quiet.days >= 10"),
        ("back", 'lifecycle.state == "gone" or (lifecycle.state == "back" and lifecycle.days < 2)'),
        ("here", "events >= 1"),
    )
    shopper = shopper_under(states=states)
    shopper.does(activity(at_s=0, offset=0), tick(0.0), tick(11 * DAY_S), activity(at_s=12 * DAY_S, offset=1))
    shopper.does(tick(12 * DAY_S), tick(15 * DAY_S))
    assert [(one.before, one.after) for one in shopper.on("lifecycle")] == [
        (None, "here"),
        ("here", "gone"),
        ("gone", "back"),
        ("back", "here"),
    ]
    assert [one.message for one in shopper.on("lifecycle")[1:3]] == [
        "Lifecycle state is now gone (previously here): quiet.days >= 10, observed 10.",
        'Lifecycle state is now back (previously gone): lifecycle.state == "gone", observed "gone".',
    ], "a value of an enumeration is named, not numbered"


def test_the_snapshot_shows_lifecycle_and_segments_with_their_beginnings() -> None:
    shopper = shopper_under("events >= 1", "events >= 2", states=(("here", "events >= 1"),))
    shopper.does(activity(at_s=0, offset=0), activity(at_s=60, offset=1))
    shown = shopper.snapshot
    assert shown.lifecycle is not None and shown.lifecycle.state == "here"
    assert [(one.name, one.since) for one in shown.segments] == [
        ("s0", rfc3339(NOON_MS)),
        ("s1", rfc3339(NOON_MS + 60_000)),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("order > 1", "order"),
        ("spend.recnt > 3", "did you mean spend.recent"),
        ('spend.band == "hig"', "did you mean 'high'"),
        ('spend.band > "high"', "is a name"),
        ("quiet.days == 3", "changes with time"),
        ("orders + 1 > 2", "cannot be used here"),
        ("orders == spend.recent", "compare a feature with a constant"),
        ('anomaly["slow"]', "it is one of velocity"),
        ("orders >", "syntax error"),
        ("true", "cannot be used here"),
        ("$now > 1", "mismatch"),
        ("orders > 1e400", "too large"),
        ('"ig" in spend.band', "write `feature in"),
    ],
)
def test_what_cannot_be_lowered_is_refused_with_words(text: str, words: str) -> None:
    with pytest.raises(RuleError, match="s0, enter") as refused:
        RuleSet.from_record({"toml": rule_text(text)})
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = 3", "cannot be read"),
        ('name = "x"\nversion = 0', "version is 0"),
        (rule_text("events > 1 | | 7 days"), "stay is '7 days'"),
        (rule_text(*["events > 1"] * 65), "at most 64"),
        (rule_text(states=(("Gone", "events > 1"),)), "is no name"),
        (rule_text(states=(("a", "events > 1"), ("a", "events > 1"))), "there twice"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_words(text: str, words: str) -> None:
    with pytest.raises(RuleError) as refused:
        RuleSet.from_record({"toml": text})
    assert words in str(refused.value)


def test_the_starter_has_the_lifecycle_and_twenty_segments() -> None:
    names = [one.name for one in starter().file.lifecycle]
    assert sorted(names) == sorted(["new", "potential", "active", "loyal", "at-risk", "dormant", "churned", "won-back"])
    assert len(starter().file.segment) == 20
    assert all(one.label and one.meaning for one in starter().file.segment)
