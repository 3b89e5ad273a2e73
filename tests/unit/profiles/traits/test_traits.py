"""Traits: what each one learns from, and when a band of it is said."""

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS, TOPICS, activity, tick
from support.folding import Shopper, codes

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action, country_code
from liveprofile.profiles.traits.origins import NEW_COUNTRY, NEW_DEVICE, NEW_NETWORK
from liveprofile.profiles.traits.rfm import rfm
from liveprofile.profiles.traits.sentiment import word_score

DAY_S = 86_400
RULES = Policy(dims=DIMS).changed(
    {"publish.burst": 1e6} | {f"{trait}.interval_s": 0.0 for trait in ("price", "discount", "days", "sentiment")}
)
"""As ever, but nothing that is true is held back."""


class Customer(Shopper):
    """A shopper whose records need no offset."""

    def __init__(self) -> None:
        super().__init__(RULES)
        self._source = 0

    def acts(self, action: Action = Action.VIEW, *, at_s: float = 0.0, **fields) -> None:
        """One activity."""
        self._source += 1
        self.does(activity(action, at_s=at_s, offset=self._source, **fields))

    def prices(self, *prices: int, at_s: float = 0.0, **fields) -> None:
        """A view for each price, in minor units."""
        for place, price in enumerate(prices):
            self.acts(at_s=at_s + place, amount=price, **fields)

    @property
    def shown(self):
        """The traits as the snapshot shows them."""
        return self.snapshot.traits


def spread_of_prices(middle: int, count: int = 40) -> list[int]:
    """Prices from half to twice a middle one, in no order."""
    return [round(middle * 2 ** (2 * (place * 17 % count) / (count - 1) - 1)) for place in range(count)]


def in_a_shop_of_usual_prices() -> Customer:
    """A shopper who has looked at everything, and whose partition has a price level in force since."""
    customer = Customer()
    customer.prices(*spread_of_prices(4_000))
    customer.does(tick(60))
    return customer


def test_there_is_no_price_level_before_a_tick_and_none_of_few_prices():
    customer = Customer()
    customer.prices(*[4_000] * 60)
    assert customer.row["price_mass"] == 0
    customer.does(tick(100))
    customer.prices(4_000, at_s=101)
    assert customer.row["price_mass"] > 0
    customer.prices(*[900] * 10, at_s=200, topic=TOPICS[1])
    before = customer.row["price_mass"]
    customer.does(tick(300))
    customer.prices(900, at_s=301, topic=TOPICS[1])
    assert customer.row["price_mass"] < before


def test_who_chooses_cheap_things_is_a_budget_shopper_and_later_a_premium_one():
    customer = in_a_shop_of_usual_prices()
    for place in range(10):
        customer.acts(Action.CART, at_s=100 + place, amount=1_000)
    (found,) = customer.on("price.band")
    assert (found.op, found.before, found.after) == ("add", None, "budget")
    assert (found.reason.code, found.reason.threshold) == ("PRICE_BAND_FOUND", -0.5)
    assert found.reason.observed < -0.5
    for place in range(40):
        customer.acts(Action.CART, at_s=200 + place, amount=12_000)
    assert [change.after for change in customer.on("price.band")] == ["budget", "middle", "premium"]
    assert customer.shown.price.band == "premium" and customer.shown.price.confidence > 0.8


def test_a_price_is_that_of_a_piece_and_what_comes_back_says_nothing():
    customer = in_a_shop_of_usual_prices()
    customer.acts(Action.PURCHASE, at_s=100, total=400.0, quantity=10)
    z = float(customer.row["price"])
    assert abs(z) < 0.2
    customer.acts(Action.REFUND, at_s=101, total=400.0, quantity=1)
    customer.acts(Action.FAILED, at_s=102, total=400.0, quantity=1)
    assert customer.row["price"] == pytest.approx(z)


def test_what_is_saved_of_list_prices_is_told_in_bands():
    customer = Customer()
    customer.acts(Action.PURCHASE, total=100.0)
    assert customer.on("discounts") == [] and customer.shown.discounts is None
    for place in range(5):
        customer.acts(Action.PURCHASE, at_s=3_600 * (1 + place), total=80.0, saved=2_000)
    assert [change.after for change in customer.on("discounts")] == ["some", "many"]
    assert customer.shown.discounts.share == pytest.approx(100 / 600, abs=2e-3)
    for place in range(20):
        customer.acts(Action.PURCHASE, at_s=3_600 * (6 + place), total=100.0)
    assert codes(customer.on("discounts")) == ["DISCOUNTS_ROSE", "DISCOUNTS_ROSE", "DISCOUNTS_FELL"]


def test_who_comes_at_weekends_only_is_said_to_and_no_longer_when_that_ends():
    customer = Customer()
    for week in range(10):  # 2026-01-01 was a Thursday
        for step in range(8):
            customer.acts(at_s=(2 + week * 7) * DAY_S + step * 600)
    (found,) = customer.on("days")
    assert (found.after, found.reason.code, found.reason.threshold) == ("weekend", "ACTIVE_DAYS_FOUND", 0.6)
    assert customer.shown.days.mostly == "weekend" and sum(customer.shown.days.histogram) == pytest.approx(1, abs=0.01)
    for day in range(100):
        customer.acts(at_s=(72 + day) * DAY_S)
    assert codes(customer.on("days"))[:2] == ["ACTIVE_DAYS_FOUND", "ACTIVE_DAYS_LOST"]
    assert customer.on("days")[1].reason.observed < 0.45


def test_weekly_orders_have_a_gap_of_a_week_that_one_long_pause_hardly_moves():
    customer = Customer()
    for week in range(8):
        customer.acts(Action.PURCHASE, at_s=week * 7 * DAY_S, total=20.0)
    assert customer.shown.rhythm.order_hours == pytest.approx(168)
    assert customer.shown.rhythm.next_order == "2026-02-26T12:00:00.000Z"
    customer.acts(Action.PURCHASE, at_s=200 * DAY_S, total=20.0)
    assert 168 < customer.shown.rhythm.order_hours < 230


def test_an_order_that_arrives_late_opens_no_gap():
    customer = Customer()
    for week in (0, 1, 2):
        customer.acts(Action.PURCHASE, at_s=week * 7 * DAY_S, total=20.0)
    before = customer.row["order_gap"].tolist()
    customer.acts(Action.PURCHASE, at_s=DAY_S, total=20.0)
    assert customer.row["order_gap"].tolist() == before and customer.row["orders"] == 4


def test_sessions_and_the_pauses_between_them_are_counted():
    customer = Customer()
    for day in range(5):
        for step in range(3):
            customer.acts(at_s=day * DAY_S + step * 60)
    assert customer.row["sessions"] == 5
    assert customer.shown.rhythm.visit_hours == pytest.approx(24 - 120 / 3600, abs=0.01)
    customer.acts(at_s=2 * DAY_S)
    assert customer.row["sessions"] == 5, "late: of an earlier session"


def test_specificity_is_the_mean_of_searches():
    customer = Customer()
    customer.acts()
    assert customer.shown.specificity is None
    customer.acts(Action.SEARCH, query_specificity=255)
    customer.acts(Action.SEARCH, query_specificity=51)
    assert customer.shown.specificity == pytest.approx(0.6)


def test_stars_make_a_sentiment_that_is_said_from_the_second_review_on():
    customer = Customer()
    customer.acts(Action.REVIEW, stars=10)
    assert customer.on("sentiment") == []
    customer.acts(Action.REVIEW, stars=20)
    (found,) = customer.on("sentiment")
    assert (found.after, found.reason.code, found.reason.observed) == ("negative", "SENTIMENT_FOUND", -0.75)
    for _ in range(3):
        customer.acts(Action.REVIEW, stars=50)
    assert [change.after for change in customer.on("sentiment")] == ["negative", "mixed"]
    assert customer.shown.sentiment.reviews == 5


def test_a_review_without_stars_is_counted_but_judged_only_by_an_adopted_model():
    customer = Customer()
    customer.acts(Action.REVIEW)
    assert (customer.row["reviews"], customer.row["sentiment_mass"]) == (1, 0)
    praise = np.zeros(DIMS, np.int16)
    praise[0] = 32767
    weights = np.zeros(DIMS + 2)
    weights[0], weights[DIMS], weights[DIMS + 1] = 3.0, 2.0, -1.0
    assert word_score(praise, 0, weights) == pytest.approx(np.tanh(1.0), abs=1e-9)
    assert word_score(-praise, 0, weights) == pytest.approx(np.tanh(-2.0), abs=1e-9)
    assert word_score(-praise, 255, weights) == pytest.approx(np.tanh(-1.0), abs=1e-9), "praise counts beside it"


def test_answers_to_offers_are_counted_and_come_as_feedback():
    customer = Customer()
    customer.acts(Action.ACCEPT)
    customer.acts(Action.REFUSE, at_s=1)
    customer.acts(Action.REFUSE, at_s=60 * DAY_S)
    assert customer.row["offers"].tolist() == pytest.approx([0.5, 1.5], abs=1e-3)


def test_countries_are_shown_by_their_letters_and_devices_by_their_number():
    customer = Customer()
    customer.acts(device=1, network=2, country=country_code("de"))
    customer.acts(device=9, network=2, country=country_code("br"))
    shown = customer.shown
    assert (shown.devices, shown.networks, shown.countries) == (2, 1, ["BR", "DE"])


def test_a_new_device_is_new_in_its_session_but_never_the_first_one_nor_one_that_arrives_late():
    customer = Customer()
    home = {"device": 1, "network": 2, "country": country_code("de")}
    customer.acts(**home)
    assert customer.row["novel"] == 0
    customer.acts(at_s=DAY_S, device=9, network=2, country=country_code("br"))
    customer.acts(at_s=DAY_S + 60, **home)
    assert customer.row["novel"] == NEW_DEVICE | NEW_COUNTRY
    customer.acts(at_s=2 * DAY_S, **home)
    customer.acts(at_s=DAY_S, network=77)
    assert customer.row["novel"] == 0
    customer.acts(at_s=2 * DAY_S + 60, network=78)
    assert customer.row["novel"] == NEW_NETWORK


def test_of_five_devices_the_one_seen_longest_ago_is_forgotten():
    customer = Customer()
    for device in (1, 2, 3, 4, 1, 5):
        customer.acts(at_s=customer._source * 60, device=device)
    assert sorted(customer.row["device"].tolist()) == [1, 3, 4, 5]


def test_failed_payments_fade_within_hours_and_count_no_spend():
    customer = Customer()
    for place in range(4):
        customer.acts(Action.FAILED, at_s=place, total=80.0)
    assert customer.row["failed"] == pytest.approx(4, abs=0.01)
    assert (customer.row["spent"], customer.row["orders"]) == (0, 0)
    customer.acts(at_s=3_600)
    assert customer.row["failed"] == pytest.approx(1, abs=0.01)


def test_pages_of_a_machine_pile_up_at_a_regular_pace_and_a_person_s_do_not():
    machine, person = Customer(), Customer()
    random = np.random.default_rng(1)
    at_s = 0.0
    for place in range(60):
        machine.acts(at_s=2 * place)
        at_s += float(random.lognormal(3, 1.2))
        person.acts(Action.CART if place % 6 == 0 else Action.VIEW, at_s=at_s, dwell_ms=3_000)
    assert machine.row["pages"] > 50 and machine.row["pace"][1] < 0.1
    assert person.row["pages"] == 0 and person.row["pace"][1] > 0.5


def test_recency_frequency_and_monetary_value_score_from_one_to_five():
    customer = Customer()
    assert customer.fold.table.keys == []
    customer.acts()
    assert customer.shown.rfm is None
    for day in range(7):
        customer.acts(Action.PURCHASE, at_s=day * DAY_S, total=200.0)
    now = customer.shown.rfm
    assert (now.recency_score, now.frequency_score, now.monetary_score) == (5, 5, 5)
    later = rfm(customer.row, NOON_MS + 127 * DAY_S * 1000, RULES)
    assert later is not None and later.recency_days == pytest.approx(121)
    assert (later.recency_score, later.frequency_score, later.monetary_score) == (2, 3, 4)
    assert later.spend == pytest.approx(now.spend * 0.5 ** (121 / 60), rel=1e-3)


def test_the_entry_is_the_first_topic_that_there_was():
    customer = Customer()
    for topic in (None, TOPICS[3], TOPICS[0]):
        customer.acts(topic=topic)
    assert customer.shown.entry == TOPICS[3]
