"""Reads the REES46 multi-category store: views, carts and single purchases, one per row."""

from collections.abc import Iterable, Iterator
from typing import Any

from liveprofile.streams.datasets.record import CLICKS, PURCHASES, UNREADABLE, Record, Skipped, person, utc_ms
from liveprofile.streams.datasets.table import Row, rows

COLUMNS = (
    "event_time",
    "event_type",
    "product_id",
    "category_code",
    "brand",
    "price",
    "user_id",
    "user_session",
)
ACTIONS = {"view": "view", "cart": "cart", "remove_from_cart": "uncart"}


def read(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield records in the order of the file, which is the order of time. The data has no titles."""
    for number, row in enumerate(rows(lines, skipped, *COLUMNS), start=1):
        kind = row["event_type"]
        if kind != "purchase" and kind not in ACTIONS:
            skipped[f"event_type {kind}"] += 1
            continue
        try:
            yield _record(row, number)
        except ValueError:
            skipped[UNREADABLE] += 1


def _record(row: Row, number: int) -> Record:
    fields: dict[str, Any] = {
        "event_id": f"rees46-{row['event_time'][:10]}-{number}",
        **person(row["user_id"], row["user_session"]),
        "ts": utc_ms(row["event_time"]),
        "session_id": row["user_session"],
    }
    if row["event_type"] == "purchase":
        return Record(PURCHASES, row["user_id"], fields | _order(row, number))
    clicked = {"action": ACTIONS[row["event_type"]], **_item(row), "currency": "USD"}
    return Record(CLICKS, row["user_id"], fields | clicked)


def _item(row: Row) -> dict[str, Any]:
    item: dict[str, Any] = {"item_id": row["product_id"]}
    if row["category_code"]:
        item["category"] = row["category_code"].replace(".", "/")
    if row["brand"]:
        item["brand"] = row["brand"]
    if row["price"]:
        item["price"] = float(row["price"])
    return item


def _order(row: Row, number: int) -> dict[str, Any]:
    order = {"order_id": f"{row['user_session']}-{number}", "items": [_item(row) | {"quantity": 1}], "currency": "USD"}
    return order | {"total": float(row["price"])} if row["price"] else order
