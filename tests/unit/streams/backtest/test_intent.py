"""Intent over a file of clicks: asked in the middle of a session, answered before its end is known."""

from pathlib import Path

import numpy as np
import pytest
from support.offline import DrawnWiring, offline

from liveprofile.profiles.records.activity import Action, digest64
from liveprofile.streams.backtest.intent.task import intent_of
from liveprofile.streams.backtest.task.cases import OURS, Forecast
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.backtest.truth.forecast import counted, intent
from liveprofile.streams.backtest.truth.shoppers import GAP_MS, Shoppers, Visit
from liveprofile.streams.settings import Settings

MINUTE_MS = 60_000
START_MS = 1_569_888_000_000
HEADER = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"


class DrawnRun(Run):
    """A run whose vectors are drawn."""

    def wiring(self, currency: str | None = None) -> DrawnWiring:
        return DrawnWiring(offline(self.settings, currency=currency))


def sessions(count: int) -> str:
    """Sessions of four acts, 2 minutes apart; every second one puts into the cart, and buys in nine of ten cases."""
    acts = []
    for number in range(count):
        cart = number % 2 == 0
        kinds = ["view", "cart" if cart else "view", "view", "purchase" if cart and number % 20 else "view"]
        for step, kind in enumerate(kinds):
            minute = 2 * number + step
            time = f"2019-10-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00"
            acts.append((time, f"{time} UTC,{kind},{step},1,toys.dolls,,9.5,u{number % 50},s{number}\n"))
    return HEADER + "".join(row for _, row in sorted(acts, key=lambda one: one[0]))


async def asked(tmp_path: Path, count: int = 600) -> Forecast:
    path = tmp_path / "2019-Oct.csv"
    path.write_text(sessions(count))
    (found,) = await intent_of("rees46", "USD")(DrawnRun(Settings(data_dir=str(tmp_path)), path))
    assert isinstance(found, Forecast)
    return found


async def test_who_has_something_in_the_cart_is_likelier_to_buy_from_the_first_model_on(tmp_path: Path) -> None:
    found = await asked(tmp_path)
    assert found.details["records"] == 2_400
    assert found.details["before"] + len(found.happened) == 600
    assert found.details["before"] < 200
    probabilities = found.probabilities[OURS]
    in_cart = found.scores["cart in session"] > 0
    assert probabilities[in_cart].mean() > 3 * probabilities[~in_cart].mean()
    assert found.happened[in_cart].mean() > 0.8
    assert not found.happened[~in_cart].any()
    assert found.probabilities["rate by cart"][in_cart][-50:].mean() == pytest.approx(0.9, abs=0.03)
    assert np.all(np.diff(found.times_ms) >= 0)


def visit(minute: int, bought: bool, in_cart: int = 0) -> Visit:
    at = START_MS + minute * MINUTE_MS
    return Visit(b"k", minute, at, -1.0, 0.0, in_cart, 1.0, at, 0.1, bought)


def test_a_rate_is_counted_from_sessions_that_had_ended_by_then() -> None:
    visits = [visit(0, bought=True), visit(1, bought=True), visit(GAP_MS // MINUTE_MS + 1, bought=False)]
    assert counted(visits, lambda one: True).tolist() == [0.5, 0.5, 2 / 3]
    assert counted(visits, lambda one: one.session != 0).tolist() == [0.5, 0.5, 0.5]


def test_cases_before_the_first_model_are_left_out_for_all_methods() -> None:
    visits = [visit(0, bought=True), visit(1, bought=False), visit(2, bought=True)]
    visits[0].probability = 0.0
    found = intent(visits)
    assert found.details == {"happened": 1, "before": 1}
    assert {len(values) for values in (*found.probabilities.values(), *found.scores.values())} == {2}


def test_a_model_that_never_predicted_is_no_method_and_its_cases_stay() -> None:
    visits = [visit(0, bought=True), visit(1, bought=False)]
    for one in visits:
        one.probability = 0.0
    found = intent(visits)
    assert OURS not in found.probabilities
    assert len(found.happened) == 2


def acts(shoppers: Shoppers, *minutes: int, action: Action = Action.VIEW, session: str = "") -> None:
    for minute in minutes:
        shoppers._act(b"k", action, digest64(session) if session else 0, START_MS + minute * MINUTE_MS)


def test_where_the_data_names_no_session_one_ends_with_a_pause() -> None:
    shoppers = Shoppers()
    acts(shoppers, 0, 10, 20, 60, 61)
    assert [one.session for one in shoppers.visits] == [-1]
    acts(shoppers, 62)
    acts(shoppers, 63, action=Action.PURCHASE)
    assert [(one.session, one.bought) for one in shoppers.visits] == [(-1, False), (-2, True)]


def test_what_was_taken_out_of_the_cart_is_not_in_it() -> None:
    shoppers = Shoppers()
    acts(shoppers, 0, action=Action.CART, session="s")
    acts(shoppers, 1, action=Action.UNCART, session="s")
    acts(shoppers, 2, session="s")
    assert [one.in_cart for one in shoppers.visits] == [0]
