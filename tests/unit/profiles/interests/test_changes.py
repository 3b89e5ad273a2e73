"""Changes: what is said on each path, and what hysteresis and intervals keep from being said."""

from base64 import b64encode
from collections.abc import Mapping
from itertools import count
from types import MappingProxyType

import numpy as np
import pytest
from support.activities import BRANDS, DIMS, NOON_MS, TOPICS, activity, direction
from support.folding import Shopper, codes

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action, Kind, control_record
from liveprofile.profiles.state.row import SCALES

DAY_S = 86_400
NUMBERS: dict[str, object] = {
    "dims": DIMS,
    "publish.burst": 1e6,
    "interests.session.min_mass": 2.0,
    "interests.short.min_mass": 6.0,
    "interests.long.min_mass": 12.0,
    "interests.session.interval_s": 30.0,
    "interests.short.interval_s": 120.0,
    "interests.long.interval_s": 600.0,
    "brands.min_mass": 12.0,
    "hours.min_mass": 50.0,
    "hours.min_days": 0.0,
    "cluster.min_mass": 5.0,
    "cluster.margin": 0.1,
    "cluster.interval_s": 0.0,
}
"""The tests' own numbers: they are about the rules, and stay when a default is tuned."""


def rules(more: Mapping[str, object] = MappingProxyType({})) -> Policy:
    """A policy of these numbers."""
    return Policy().changed(NUMBERS | dict(more))


def every_scale(**values: float) -> dict[str, object]:
    """The same settings of session, short and long interests."""
    return {f"interests.{scale}.{name}": value for scale in SCALES for name, value in values.items()}


def adopt(centres: dict[int, str], version: int = 1) -> bytes:
    """An adoption of clusters that lie in the directions of topics."""
    points = np.array([np.rint(direction(topic) * 32767) for topic in centres.values()], dtype="<i2").reshape(-1, DIMS)
    model = {"name": "kmeans", "version": version, "k": DIMS, "ids": list(centres), "covers": 0}
    return control_record(Kind.ADOPT, NOON_MS, DIMS, model | {"centres": b64encode(points.tobytes()).decode()})


class Visitor(Shopper):
    """A shopper whose events come one after the other."""

    def __init__(self, policy: Policy | None = None) -> None:
        super().__init__(policy or rules())
        self._number = count()
        self.suppressed = 0

    def views(self, topic: str | None, times: int = 1, *, at_s: float, every_s: float = 60, **more: object) -> None:
        for step in range(times):
            record = activity(topic=topic, at_s=at_s + step * every_s, offset=next(self._number), **more)
            self.suppressed += self.does(record).suppressed


def test_a_session_interest_enters_then_gives_way_to_another_in_one_change():
    visitor = Visitor()
    visitor.views(TOPICS[0], 4, at_s=0)
    visitor.views(TOPICS[1], 4, at_s=6 * 3600)
    entered, decayed_mean_update = visitor.on("interests.session")
    assert (entered.op, entered.before, entered.after) == ("add", [], [TOPICS[0]])
    assert (entered.reason.code, entered.reason.rule) == ("INTEREST_ENTERED", "share-enters@1")
    assert entered.reason.observed >= entered.reason.threshold == 0.34
    assert (decayed_mean_update.op, decayed_mean_update.before, decayed_mean_update.after) == (
        "replace",
        [TOPICS[0]],
        [TOPICS[1]],
    )
    assert decayed_mean_update.reason.code == "INTEREST_SHIFTED"


def test_an_interest_leaves_when_many_others_take_its_share():
    visitor = Visitor()
    visitor.views(TOPICS[0], 4, at_s=0)
    for at in range(40):
        visitor.views(TOPICS[1 + at % 5], at_s=300 + 30 * at)
    assert "INTEREST_LEFT" in codes(visitor.on("interests.session"))
    left = next(change for change in visitor.on("interests.session") if change.reason.code == "INTEREST_LEFT")
    assert left.reason.observed < left.reason.threshold == 0.15


def test_one_event_on_something_else_says_nothing():
    visitor = Visitor()
    visitor.views(TOPICS[0], 4, at_s=0)
    visitor.views(TOPICS[1], at_s=12 * 3600)
    assert len(visitor.on("interests.session")) == 1


def test_a_share_between_the_thresholds_neither_enters_nor_leaves():
    """Three topics in turn hold a third each: above leaving at 0.15, below entering at 0.34 again."""
    visitor = Visitor(rules(every_scale(interval_s=0.0)))
    visitor.views(TOPICS[0], 6, at_s=0)
    published = len(visitor.on("interests.session"))
    for at in range(120):
        visitor.views(TOPICS[at % 4], at_s=600 + 20 * at)
    assert len(visitor.on("interests.session")) - published <= 1


def test_a_said_interest_is_pushed_out_only_by_a_clearly_larger_one():
    always = every_scale(enter_share=0.1, exit_share=0.05, interval_s=0.0)
    visitor, bold = Visitor(rules(always)), Visitor(rules(always | {"interests.incumbent_factor": 1.0}))
    for one in (visitor, bold):
        for at in range(200):
            one.views(TOPICS[at % 4], at_s=20 * at)
    assert len(visitor.on("interests.session")) <= 4
    assert len(bold.on("interests.session")) > 3 * len(visitor.on("interests.session"))


def test_nothing_is_said_on_a_path_before_its_interval_is_over_and_it_is_counted():
    visitor = Visitor(rules(every_scale(interval_s=600.0)))
    visitor.views(TOPICS[0], 3, at_s=0, every_s=5)
    visitor.views(TOPICS[1], 5, at_s=20, every_s=1, action=Action.CART)
    assert len(visitor.on("interests.session")) == 1
    assert visitor.suppressed > 0
    visitor.views(TOPICS[1], at_s=700)
    assert [change.after for change in visitor.on("interests.session")][1][0] == TOPICS[1]


def test_a_busy_shopper_causes_far_fewer_changes_than_events():
    visitor, random = Visitor(), np.random.default_rng(3)
    events = 720
    for at in range(events):
        topic = TOPICS[int(random.integers(4))]
        action = Action(int(random.choice([0, 0, 0, 1, 1, 2, 3, 7, 8])))
        total = float(random.lognormal(3)) if action == Action.PURCHASE else 0.0
        visitor.views(topic, at_s=5 * at, action=action, brand=BRANDS[int(random.integers(4))], total=total)
    assert 3 <= len(visitor.published) <= events // 20


def test_versions_have_no_gaps_and_a_version_holds_all_its_changes():
    visitor = Visitor()
    for at, topic in enumerate(TOPICS):
        visitor.views(topic, 8, at_s=at * DAY_S, action=Action.PURCHASE, total=30.0)
    assert [record.version for record in visitor.published] == list(range(1, len(visitor.published) + 1))
    assert any(len(record.changes) > 1 for record in visitor.published)
    assert visitor.row["version"] == len(visitor.published)


def test_a_favoured_brand_is_said_and_dropped():
    visitor = Visitor()
    visitor.views(TOPICS[0], 5, at_s=0, action=Action.CART, brand=BRANDS[0])
    visitor.views(TOPICS[0], 40, at_s=3600, action=Action.CART, brand=BRANDS[1])
    changes = visitor.on("brands")
    assert [change.after for change in changes] == [[BRANDS[0]], [BRANDS[0], BRANDS[1]], [BRANDS[1]]]
    assert codes(changes) == ["BRAND_FAVOURED", "BRAND_FAVOURED", "BRAND_DROPPED"]


def test_the_spend_band_rises_at_its_bound_and_falls_only_well_below_it():
    visitor = Visitor()
    visitor.views(None, at_s=0, action=Action.PURCHASE, total=60.0)
    visitor.views(None, at_s=20 * DAY_S)
    assert [(change.before, change.after) for change in visitor.on("spend.band")] == [("none", "middle")]
    visitor.views(None, at_s=40 * DAY_S)
    fell = visitor.on("spend.band")[1]
    assert (fell.before, fell.after, fell.reason.code) == ("middle", "low", "SPEND_BAND_FELL")
    assert fell.reason.observed <= fell.reason.threshold == 40.0, "it fell at the very moment"
    assert visitor.published[-1].origin == "timer"


def test_a_part_of_the_day_is_found_and_lost():
    visitor = Visitor(rules({"hours.interval_s": 0.0}))
    visitor.views(None, 60, at_s=0, every_s=30)
    (found,) = visitor.on("hours")
    assert (found.op, found.after, found.reason.code) == ("add", "afternoon", "ACTIVE_HOURS_FOUND")
    for part in range(500):
        visitor.views(None, at_s=DAY_S + part % 4 * 6 * 3600 + part // 4 * DAY_S)
    assert codes(visitor.on("hours")) == ["ACTIVE_HOURS_FOUND", "ACTIVE_HOURS_LOST"]
    assert visitor.on("hours")[1].op == "remove"


def test_a_part_of_the_day_is_not_found_in_a_day_or_two():
    visitor = Visitor(rules({"hours.min_days": 3.0}))
    visitor.views(None, 60, at_s=0, every_s=30)
    visitor.views(None, 60, at_s=2 * DAY_S, every_s=30)
    assert visitor.on("hours") == []
    visitor.views(None, at_s=3 * DAY_S)
    assert len(visitor.on("hours")) == 1


def test_a_cluster_is_assigned_by_the_adopted_model_and_names_it():
    visitor = Visitor()
    visitor.views(TOPICS[0], 8, at_s=0)
    assert visitor.on("cluster") == []
    visitor.does(adopt({7: TOPICS[0], 9: TOPICS[1]}, version=3))
    visitor.views(TOPICS[0], at_s=600)
    (assigned,) = visitor.on("cluster")
    assert (assigned.op, assigned.before, assigned.after) == ("add", None, 7)
    assert assigned.reason.rule == "nearest-centre@3"
    assert visitor.published[-1].models["clusterer"] == "kmeans@3"


def test_a_cluster_changes_only_for_a_clearly_nearer_one():
    visitor = Visitor()
    visitor.does(adopt({7: TOPICS[0], 9: TOPICS[1]}))
    visitor.views(TOPICS[0], 8, at_s=0)
    visitor.views(TOPICS[1], 8, at_s=600)
    assert [change.after for change in visitor.on("cluster")] == [7]
    visitor.views(TOPICS[1], 8, at_s=1_200)
    changed = visitor.on("cluster")[1]
    assert (changed.before, changed.after, changed.reason.code) == (7, 9, "CLUSTER_CHANGED")
    assert changed.reason.observed >= changed.reason.threshold


def test_two_near_twins_do_not_keep_a_profile_in_a_cluster_far_away():
    """The margin used to be taken over the second nearest centre: between twins it was never met."""
    visitor = Visitor()
    visitor.does(adopt({7: TOPICS[0]}))
    visitor.views(TOPICS[0], 8, at_s=0)
    visitor.does(adopt({7: TOPICS[0], 8: TOPICS[1], 9: TOPICS[1]}, version=2))
    visitor.views(TOPICS[1], 60, at_s=600)
    assert [change.after for change in visitor.on("cluster")] == [7, 8]


def test_a_cluster_that_the_model_lost_is_left():
    visitor = Visitor()
    visitor.does(adopt({7: TOPICS[0]}))
    visitor.views(TOPICS[0], 8, at_s=0)
    visitor.does(adopt({20: TOPICS[0], 21: TOPICS[0]}, version=2))
    visitor.views(TOPICS[0], at_s=900)
    assert [change.after for change in visitor.on("cluster")] == [7, 20]


def test_a_model_without_clusters_assigns_nothing():
    visitor = Visitor()
    visitor.does(adopt({}))
    visitor.views(TOPICS[0], 8, at_s=0)
    assert visitor.on("cluster") == []


def test_evidence_names_the_event_and_earlier_ones_on_its_topic_with_their_own_weight():
    visitor = Visitor()
    visitor.does(
        activity(Action.CART, topic=TOPICS[0], at_s=0, offset=0, event_id="cart"),
        activity(topic=TOPICS[1], at_s=900, offset=1),
        activity(Action.PURCHASE, topic=TOPICS[0], at_s=1_800, offset=2, event_id="buy", total=70.0),
    )
    last = visitor.published[-1]
    assert [(one.event_id, one.source) for one in last.evidence] == [("buy", "clicks/0/2"), (None, "clicks/0/0")]
    assert [one.contribution for one in last.evidence] == [5.0, pytest.approx(1.5)]


def test_a_busy_hour_says_at_most_a_tenth_of_its_events_whatever_the_paths():
    """Every path alone may change with every event here; together they are held back, and catch up in one version."""
    eager = every_scale(min_mass=0.0, interval_s=0.0) | {
        "brands.min_mass": 0.0,
        "brands.interval_s": 0.0,
        "slots.min_mass": 0.0,
        "slots.interval_s": 0.0,
        "intent.min_mass": 0.0,
        "intent.interval_s": 0.0,
    }
    shopper = Shopper(Policy().changed(eager))
    for place in range(120):
        topic = TOPICS[place // 4 % len(TOPICS)]
        shopper.does(activity(Action.CART, at_s=30 * place, topic=topic, brand=BRANDS[place % 4], offset=place))
    assert 6 <= len(shopper.published) <= 12
    assert [record.version for record in shopper.published] == list(range(1, len(shopper.published) + 1))
    assert shopper.published[-1].changes[0].after is not None


def test_who_rests_may_be_said_something_of_again():
    eager = Policy().changed(every_scale(min_mass=0.0, interval_s=0.0) | {"publish.refill_per_event": 0.0})
    shopper = Shopper(eager)
    for place in range(40):
        shopper.does(activity(Action.CART, at_s=place, topic=TOPICS[place % 7], offset=place))
    assert len(interests_published(shopper)) == 3
    shopper.does(activity(Action.CART, at_s=30_000, topic="new/here", offset=50))
    assert len(interests_published(shopper)) == 4


def interests_published(shopper):
    """Versions that say something of interests: rules of segments are not held back."""
    return [one for one in shopper.published if any(change.path.startswith("interests") for change in one.changes)]


def test_a_session_that_turns_to_something_else_shifts_its_intent():
    shopper = Shopper(rules({"intent.min_mass": 4.0, "intent.interval_s": 0.0}))
    for place in range(6):
        shopper.does(activity(Action.CART, at_s=place, topic=TOPICS[0], offset=place))
    for place in range(40):
        shopper.does(activity(Action.CART, at_s=3600 + place, topic=TOPICS[1], offset=10 + place))
    assert codes(shopper.on("interests.intent")) == ["INTENT_FOUND", "INTENT_SHIFTED"]
    assert [change.after for change in shopper.on("interests.intent")] == [TOPICS[0], TOPICS[1]]


def test_a_session_about_everything_is_about_nothing():
    shopper = Shopper(rules({"intent.min_mass": 4.0, "intent.interval_s": 0.0}))
    for place in range(120):
        topic = TOPICS[max(place - 6, 0) % 6]
        shopper.does(activity(Action.CART, at_s=place, topic=topic, offset=place))
    assert shopper.on("interests.intent")[-1].after is None


def test_a_slot_is_said_when_it_weighs_enough_and_closed_when_others_outweigh_it():
    shopper = Shopper(rules({"slots.min_mass": 8.0, "slots.interval_s": 0.0}))
    for place in range(3):
        shopper.does(activity(Action.CART, at_s=place, topic=TOPICS[0], offset=place))
    (opened,) = shopper.on("interests.slots")
    assert (opened.op, opened.before, opened.after["topic"]) == ("add", None, TOPICS[0])
    for place in range(80):
        shopper.does(activity(Action.CART, at_s=60 + place, topic=TOPICS[1], offset=10 + place))
    assert codes(shopper.on("interests.slots")) == ["SLOT_OPENED", "SLOT_OPENED", "SLOT_CLOSED"]
    closed = shopper.on("interests.slots")[-1]
    assert (closed.op, closed.before["topic"], closed.before["slot"]) == ("remove", TOPICS[0], opened.after["slot"])
