"""Records of items: what is sent, and when it is sent again."""

from collections import defaultdict

import orjson
import pytest

from liveprofile.profiles.items.event import ItemUpdate, decode_item_update
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.item_updates import AGAIN_MS, ItemUpdates
from liveprofile.streams.stages.ingest.validate import validate

NOW_MS = 1_790_000_000_000


class Shop:
    """Ingest of one shop, as far as it is about items."""

    def __init__(self) -> None:
        self._updates = ItemUpdates("items", "EUR")

    def sells(self, time_ms: int = NOW_MS, currency: str = "EUR", **item: object) -> list[int]:
        """Prices of the records that an order of one item sends, minor units."""
        return [update.price for update in self.updates(time_ms, currency, **item)]

    def updates(self, time_ms: int = NOW_MS, currency: str = "EUR", **item: object) -> list[ItemUpdate]:
        """The records that an order of one item sends; the model says "home/kitchen" of its text."""
        sent = {"user_id": "u", "items": [{"item_id": "a", "title": "Cheese", **item}], "currency": currency}
        event = validate("purchases", orjson.dumps(sent))
        assert isinstance(event, ValidatedEvent)
        found: dict[int, list[bytes]] = defaultdict(list)
        self._updates.note(event, event.lines[0], (bytes(8), "home/kitchen"), time_ms, 1, found)
        return [decode_item_update(value) for value in found[0]]


@pytest.mark.parametrize("quantity", [0.35, 2.5, 1.49, 1, 7])
def test_the_price_is_that_of_the_item_and_not_of_the_pieces_bought(quantity: float) -> None:
    assert Shop().sells(price=10.0, quantity=quantity) == [1000]


def test_a_price_in_another_currency_is_unknown() -> None:
    assert Shop().sells(price=10.0, currency="USD") == [0]


def test_the_same_item_is_sent_once_until_it_changes_or_was_away_for_long() -> None:
    shop = Shop()
    assert shop.sells(price=10.0) == [1000]
    assert shop.sells(NOW_MS + 5, price=10.0, quantity=3) == []
    assert shop.sells(NOW_MS + 9, price=11.0) == [1100]
    assert shop.sells(NOW_MS + AGAIN_MS - 1, price=11.0) == []
    assert shop.sells(NOW_MS + 2 * AGAIN_MS, price=11.0) == [1100]


def test_a_record_has_the_texts_of_the_item_and_without_a_category_the_nearest_topic() -> None:
    (full,) = Shop().updates(category="food", brand="Acme")
    assert full.texts == ("a", "Cheese", "food", "Acme")
    (bare,) = Shop().updates()
    assert bare.texts == ("a", "Cheese", "home/kitchen", None)
    (untitled,) = Shop().updates(title=None, category="food")
    assert untitled.texts == ("a", None, "food", None)
