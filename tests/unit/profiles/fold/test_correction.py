"""An order that is corrected is judged, and its lines are taken back, as if it had been so at first."""

from typing import Any

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS, activity
from support.folding import Shopper

from liveprofile.profiles.fold.order_lines import correct_line, find_line, keep_line, take_lines_back
from liveprofile.profiles.fold.orders import open_order
from liveprofile.profiles.fold.spend import NO_ORDER, correct_spend, update_spend
from liveprofile.profiles.kernel.context import FoldContext
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action, decode_heads
from liveprofile.profiles.state.ledger import ledger_dtype
from liveprofile.profiles.state.row import blank_rows

RULES = Policy(dims=DIMS).rules
WEIGHT = 1.0
NO_DECAY = np.ones(3)


def order(total: float, *, offset: int = 0, **more: Any) -> Any:
    """One line of the order a."""
    purchases = ("purchases", 0)
    record = activity(Action.PURCHASE, order="a", total=total, offset=offset, source=purchases, quantity=1, **more)
    return decode_heads([record], DIMS)[0]


def blank() -> tuple[Any, Any]:
    """The row and the ledger of somebody who was just here."""
    row, ledger = blank_rows(1, DIMS)[0], np.zeros(1, ledger_dtype())[0]
    row["seen_ms"] = NOON_MS
    return row, ledger


def context() -> FoldContext:
    return Shopper().fold.cursor.context(np.zeros((0, 2), np.int64))


@pytest.mark.parametrize("total", [90.0, 700.0, 80_000.0])
def test_an_amount_that_is_corrected_upwards_is_as_far_off_in_the_shop_as_one_of_a_first_version(
    total: float,
) -> None:
    corrected, ledger = blank()
    place = open_order(ledger, order(40.0))
    shop = context()
    update_spend(corrected, order(40.0), 0, RULES, shop, NO_DECAY, NO_DECAY)
    found = correct_spend(corrected, ledger, place, order(total, offset=1), RULES, shop)
    first, _ = blank()
    of_shop = update_spend(first, order(total), 0, RULES, shop, NO_DECAY, NO_DECAY)[2]
    assert found[2] == pytest.approx(of_shop)
    assert of_shop == pytest.approx((np.log2(total * 100) - shop.order_location) / shop.order_spread)
    assert correct_spend(corrected, ledger, place, order(40.0, offset=2), RULES, shop) == NO_ORDER


def test_a_line_that_is_taken_back_leaves_neither_what_was_paid_nor_what_was_saved() -> None:
    row, ledger = blank()
    row["paid"], row["saved"] = 10_000.0, 2_500.0
    place = open_order(ledger, order(60.0))
    for one in (order(60.0, item=1, saved=500), order(40.0, item=2, saved=2_000, line=1)):
        keep_line(ledger, place, one)
    edit = order(60.0, offset=1, item=1, saved=500)
    assert not correct_line(row, ledger, place, find_line(ledger, edit), edit, RULES), "the same line again"
    assert take_lines_back(row, ledger, place, edit, WEIGHT, RULES)
    assert (row["paid"], row["saved"]) == pytest.approx((6_000.0, 500.0))
    assert not take_lines_back(row, ledger, place, edit, WEIGHT, RULES), "once"
