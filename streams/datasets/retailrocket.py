"""Reads RetailRocket: views, carts and transactions, with the item's category at that time from other files."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from liveprofile.streams.datasets.record import CLICKS, PURCHASES, UNREADABLE, Record, Skipped
from liveprofile.streams.datasets.table import Row, rows

COLUMNS = ("timestamp", "visitorid", "event", "itemid", "transactionid")
PROPERTY_COLUMNS = ("timestamp", "itemid", "property", "value")
TREE_COLUMNS = ("categoryid", "parentid")
ACTIONS = {"view": "view", "addtocart": "cart"}
DEEPEST = 12
"""Largest depth of the category tree, which may have cycles."""

Tree = Mapping[str, str]
"""Parent by category; empty for the top."""


class Categories:
    """Categories of items over time: weekly snapshots of the property `categoryid`, and the category tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._times: defaultdict[str, list[int]] = defaultdict(list)
        self._values: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, lines: Iterable[str]) -> None:
        """Add one part of item_properties; parts and rows may come in any order. Other properties are skipped."""
        for row in rows(lines, Skipped(), *PROPERTY_COLUMNS):
            if row["property"] == "categoryid" and row["timestamp"].isdigit():
                at = bisect_right(self._times[row["itemid"]], when := int(row["timestamp"]))
                self._times[row["itemid"]].insert(at, when)
                self._values[row["itemid"]].insert(at, row["value"])

    def path(self, item: str, time_ms: int) -> str | None:
        """The path to the item's latest category at that time, or to its first one later; None without a category."""
        if item not in self._times:
            return None
        names = [self._values[item][max(0, bisect_right(self._times[item], time_ms) - 1)]]
        while (parent := self._tree.get(names[-1])) and len(names) < DEEPEST:
            names.append(parent)
        return "/".join(reversed(names))


def read_tree(lines: Iterable[str]) -> Tree:
    """Each category's parent."""
    return {row["categoryid"]: row["parentid"] for row in rows(lines, Skipped(), *TREE_COLUMNS)}


def read(lines: Iterable[str], skipped: Skipped, categories: Categories) -> Iterator[Record]:
    """Yield clicks in the order of the file, which is not the order of time, then orders: the rows of one transaction.

    Visitors are cookies and not known shoppers. Titles and prices are hashed in the data, so they are left out.
    """
    orders: dict[tuple[str, str], list[Row]] = {}
    for number, row in enumerate(rows(lines, skipped, *COLUMNS), start=1):
        kind = row["event"]
        if not row["timestamp"].isdigit():
            skipped[UNREADABLE] += 1
        elif kind == "transaction":
            orders.setdefault((row["visitorid"], row["transactionid"] or f"row-{number}"), []).append(row)
        elif kind in ACTIONS:
            item = _item(row, categories)
            yield Record(CLICKS, row["visitorid"], _common(row, f"rocket-{number}") | {"action": ACTIONS[kind]} | item)
        else:
            skipped[f"event {kind}"] += 1
    for (visitor, order_id), bought in orders.items():
        first = min(bought, key=lambda row: int(row["timestamp"]))
        items = [_item(row, categories) | {"quantity": 1} for row in bought]
        fields = _common(first, f"rocket-order-{visitor}-{order_id}")
        yield Record(PURCHASES, visitor, fields | {"order_id": order_id, "items": items})


def _common(row: Row, event_id: str) -> dict[str, Any]:
    return {"event_id": event_id, "anonymous_id": f"visitor-{row['visitorid']}", "ts": int(row["timestamp"])}


def _item(row: Row, categories: Categories) -> dict[str, Any]:
    category = categories.path(row["itemid"], int(row["timestamp"]))
    return {"item_id": row["itemid"]} | ({"category": category} if category else {})
