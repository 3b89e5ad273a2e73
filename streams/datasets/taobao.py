"""Reads Taobao UserBehavior: page views, carts, favourites and purchases, one per row, without a header."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from liveprofile.streams.datasets.record import CLICKS, PURCHASES, UNREADABLE, Record, Skipped

COLUMNS = 5
"""User, item, category, behaviour and time (epoch seconds)."""
ACTIONS = {"pv": "view", "cart": "cart", "fav": "favourite"}
FIRST_S, END_S = 1_511_539_200, 1_512_316_800
"""From 2017-11-25 to 2017-12-03, days of China (UTC+8): a few rows are years off and would stop the clock."""


def read(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield records in the order of the file, shopper by shopper. There are no titles and no prices."""
    for number, row in enumerate(csv.reader(lines), start=1):
        if len(row) != COLUMNS:
            skipped["a row with too few or too many columns"] += 1
            continue
        user, item, category, behaviour, when = row
        reason = _unfit(behaviour, when)
        if reason:
            skipped[reason] += 1
            continue
        fields = {"event_id": f"taobao-{number}", "user_id": user, "ts": int(when) * 1000}
        product = {"item_id": item, "category": category}
        yield _order(user, fields, product) if behaviour == "buy" else _click(user, fields, product, ACTIONS[behaviour])


def _unfit(behaviour: str, when: str) -> str | None:
    if behaviour != "buy" and behaviour not in ACTIONS:
        return f"behaviour {behaviour}"
    try:
        return None if FIRST_S <= int(when) < END_S else "a time outside of the nine days"
    except ValueError:
        return UNREADABLE


def _click(user: str, fields: dict[str, Any], product: dict[str, str], action: str) -> Record:
    return Record(CLICKS, user, fields | {"action": action} | product)


def _order(user: str, fields: dict[str, Any], product: dict[str, str]) -> Record:
    """A purchase of one item; the data has no order ids."""
    return Record(PURCHASES, user, fields | {"order_id": fields["event_id"], "items": [product | {"quantity": 1}]})
