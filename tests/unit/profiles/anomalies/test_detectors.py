"""The voters: what each is moved by, and what leaves it calm."""

from typing import Any

import numpy as np
import pytest
from support.activities import DIMS

from liveprofile.profiles.anomalies.bot import score_bot
from liveprofile.profiles.anomalies.dormant import dormancy_score, score_dormant
from liveprofile.profiles.anomalies.identity import score_identity
from liveprofile.profiles.anomalies.kinds import BOT, DORMANT, IDENTITY, SPEND
from liveprofile.profiles.anomalies.payment import score_payment
from liveprofile.profiles.anomalies.spend import score_spend
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import blank_rows
from liveprofile.profiles.traits.origins import NEW_COUNTRY, NEW_DEVICE, NEW_NETWORK

RULES = Policy(dims=DIMS).rules
ENTER = RULES.anomalies_enter
DAY_MS = 86_400_000


def row(**fields: Any) -> Any:
    """A profile of which only these fields are known."""
    one = blank_rows(1, DIMS)
    for name, value in fields.items():
        one[name][0] = value
    return one[0]


def in_session(**counts: int) -> np.ndarray[Any, Any]:
    """Counts of actions in the session."""
    actions = np.zeros(len(Action), np.uint16)
    for name, count in counts.items():
        actions[Action[name.upper()]] = count
    return actions


def order(total: float) -> Any:
    head = np.zeros(1, np.dtype([("order_total", "<i8")]))
    head["order_total"] = round(total * 100)
    return head[0]


def test_pages_at_the_pace_of_a_clock_are_like_a_program():
    assert score_bot(row(pages=60, pace=(9, 0.02)), RULES) >= ENTER[BOT]


def test_neither_a_quick_reader_nor_a_few_regular_pages_are():
    assert score_bot(row(pages=200, pace=(9, 0.8)), RULES) == 0.0
    assert score_bot(row(pages=10, pace=(9, 0.02)), RULES) == 0.0


@pytest.mark.parametrize(("novel", "least", "most"), [(0, 0.0, 0.0), (NEW_DEVICE, 0.0, 1.0), (NEW_COUNTRY, 0.0, 1.0)])
def test_one_new_place_is_a_new_phone_or_a_train(novel: int, least: float, most: float) -> None:
    assert least <= score_identity(row(events=50, novel=novel), RULES) <= most


def test_everything_new_at_once_and_an_order_is_somebody_else():
    everything = NEW_DEVICE | NEW_NETWORK | NEW_COUNTRY
    score = score_identity(row(events=50, novel=everything, session_by_action=in_session(purchase=1)), RULES)
    assert score >= ENTER[IDENTITY]


def test_to_a_newcomer_every_place_is_new():
    everything = NEW_DEVICE | NEW_NETWORK | NEW_COUNTRY
    assert score_identity(row(events=12, session_events=8, novel=everything), RULES) == 0.0


def test_failed_payments_add_up():
    scores = [score_payment(row(failed=count)) for count in (0, 1, 3, 7)]
    assert scores == pytest.approx([0, 1, 2, 3], abs=1e-6)


def test_a_pause_is_sleep_only_beyond_the_shoppers_own():
    monthly, daily = row(visit_gap=(log2(30 * 24), 0.8)), row(visit_gap=(log2(24), 0.8))
    assert dormancy_score(daily, 90 * DAY_MS, RULES) == 6.0
    assert dormancy_score(monthly, 90 * DAY_MS, RULES) == pytest.approx(log2(3) / 0.8, abs=0.01)
    assert dormancy_score(daily, 10 * DAY_MS, RULES) == 0.0, "less than the least"


def test_coming_back_to_look_around_is_welcome_and_buying_from_a_strange_place_is_not():
    looking = row(events=50, anomaly_dormancy=5, session_by_action=in_session(view=9))
    strange = row(events=50, anomaly_dormancy=5, novel=NEW_DEVICE, session_by_action=in_session(purchase=1))
    assert score_dormant(looking, RULES) == 0.0
    assert score_dormant(strange, RULES) >= ENTER[DORMANT]


def test_an_order_must_be_far_off_both_in_deviations_and_in_size():
    usual = log2(4_000)
    assert score_spend(order(40 * 32), 6.0, usual, 0.0) >= ENTER[SPEND]
    assert score_spend(order(80), 9.0, usual, 1.0) < ENTER[SPEND], "twice the usual of a regular shopper"
    assert score_spend(order(30), -1.0, usual, 3.0) == 0.0, "below the shopper's own usual"


def test_an_order_that_the_whole_shop_hardly_sees_is_unusual_for_a_shopper_of_whom_little_is_known():
    assert score_spend(order(200), 1.0, log2(10_000), 4.5) == 4.5 >= ENTER[SPEND]
    assert score_spend(order(200), 1.0, log2(10_000), 0.5) == pytest.approx(1.0)
