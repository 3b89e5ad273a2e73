"""An amount of an order is accepted up to the limit below which sums are exact, and not above it."""

import orjson
import pytest

from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.money import AMOUNT_LIMIT, HUNDREDTHS, MINOR_LIMIT
from liveprofile.streams.stages.ingest.validate import Verdict, validate

MOST_PIECES = MINOR_LIMIT // (AMOUNT_LIMIT * HUNDREDTHS)


def order(quantity: float, **fields: object) -> Verdict:
    items = [{"price": AMOUNT_LIMIT, "quantity": quantity}]
    return validate("purchases", orjson.dumps({"user_id": "u1", "items": items, **fields}))


def test_a_price_times_its_quantity_may_be_the_limit_itself() -> None:
    event = order(MOST_PIECES)
    assert isinstance(event, ValidatedEvent)
    assert event.lines[0].amount == event.order_total == MINOR_LIMIT


@pytest.mark.parametrize("quantity", [MOST_PIECES + 1, 10 * MOST_PIECES])
@pytest.mark.parametrize("total", [{}, {"total": 5}])
def test_a_price_times_its_quantity_above_the_limit_is_refused_whatever_the_total_says(
    quantity: float, total: dict[str, float]
) -> None:
    refusal = order(quantity, **total)
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.OUT_OF_RANGE
    assert refusal.words.startswith("A price times its quantity")
