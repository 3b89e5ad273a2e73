"""Says beside a sum of money of how many orders it is, where the amounts of some are unknown."""

from collections.abc import Mapping
from typing import Any

from liveprofile.streams.render.drawing import counted, money
from liveprofile.streams.render.numbers import is_number

UNKNOWN = "none was sent, or it is in another currency"


def orders_priced(spend: Mapping[str, Any]) -> int:
    """Orders with a known amount; all of them in a snapshot of before they were counted."""
    known = spend.get("orders_priced")
    return int(known) if is_number(known) else orders(spend)


def orders(spend: Mapping[str, Any]) -> int:
    """All orders."""
    return int(spend["orders"]) if is_number(spend.get("orders")) else 0


def unpriced(spend: Mapping[str, Any]) -> int:
    """Orders whose amounts are unknown."""
    return max(0, orders(spend) - orders_priced(spend))


def sum_words(spend: Mapping[str, Any]) -> str:
    """The sum with the orders that it is of.

    >>> sum_words({"total": 17.0, "currency": "EUR", "orders": 1, "orders_priced": 1})
    '17.00 EUR in 1 order'
    >>> sum_words({"total": 0.0, "currency": "EUR", "orders": 2, "orders_priced": 0})
    '2 orders, amounts unknown'
    """
    if unpriced(spend) and not orders_priced(spend):
        return f"{counted(orders(spend), 'order')}, amounts unknown"
    return f"{money(spend.get('total'))} {spend.get('currency') or ''} in {counted(orders_priced(spend), 'order')}"


def unpriced_words(spend: Mapping[str, Any]) -> str:
    """What the sum leaves out; empty for nothing.

    >>> unpriced_words({"total": 17.0, "currency": "EUR", "orders": 3, "orders_priced": 1})
    '2 more orders of unknown amount'
    """
    count = unpriced(spend)
    if not count or not orders_priced(spend):
        return ""
    return f"{count:,} more {'order' if count == 1 else 'orders'} of unknown amount"


def amounts_sentence(spend: Mapping[str, Any]) -> str:
    """Sum, what it leaves out, and why; empty where every amount is known.

    >>> amounts_sentence({"total": 17.0, "currency": "EUR", "orders": 3, "orders_priced": 1})
    '17.00 EUR in 1 order; 2 more orders of unknown amount (none was sent, or it is in another currency).'
    """
    if not unpriced(spend):
        return ""
    parts = [part for part in (sum_words(spend), unpriced_words(spend)) if part]
    return f"{'; '.join(parts)} ({UNKNOWN})."
