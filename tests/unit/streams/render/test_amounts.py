"""Beside a sum of money stands of how many orders it is."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from liveprofile.streams.render.amounts import amounts_sentence
from liveprofile.streams.render.profile import profile_panel

SPEND = {"band": "low", "total": 17.0, "recent": 17.0, "currency": "EUR", "orders": 3, "orders_priced": 1, "refunds": 0}


OLD = {name: value for name, value in SPEND.items() if name != "orders_priced"}


def shown(spend: dict[str, Any]) -> str:
    traits = {"rfm": {"orders": 3, "spend": 17.0}, "average_order": 17.0}
    console = Console(width=110, record=True, file=StringIO())
    console.print(profile_panel({"spend": spend, "traits": traits}, datetime(2026, 1, 1, tzinfo=UTC)))
    return console.export_text()


def test_a_sum_names_its_own_orders_and_those_that_it_leaves_out() -> None:
    text = shown(SPEND)
    assert "17.00 EUR in 1 order " in text
    assert "2 more orders of unknown amount" in text
    assert "17.00 EUR lately, as far as amounts are known" in text
    assert "17.00 EUR  of the 1 order with a known amount" in text


@pytest.mark.parametrize("spend", [SPEND | {"orders_priced": 3}, OLD])
def test_nothing_is_added_where_every_amount_is_known(spend: dict[str, Any]) -> None:
    text = shown(spend)
    assert "17.00 EUR in 3 orders" in text
    assert "known" not in text
    assert amounts_sentence(spend) == ""


def test_orders_of_which_none_has_a_known_amount_have_no_sum() -> None:
    spend = SPEND | {"total": 0.0, "orders_priced": 0}
    assert "3 orders, amounts unknown" in shown(spend)
    assert amounts_sentence(spend) == "3 orders, amounts unknown (none was sent, or it is in another currency)."
