"""Reads OpenSearch User Behavior Insights: queries and events as newline JSON, with or without bulk action lines."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from liveprofile.streams.datasets.record import CLICKS, PURCHASES, SEARCHES, Record, Skipped, person, utc_ms

CLICK_ACTIONS = {
    "click": "click",
    "item_click": "click",
    "product_hover": "view",
    "view_item": "view",
    "add_to_cart": "cart",
    "remove_from_cart": "uncart",
    "declined_product": "dismiss",
}
QUERY_ACTIONS = frozenset({"search", "on_search"})


def read(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield records in the order of the file, which is not the order of time.

    A search that occurs twice, as a query and as an event with the same query_id, counts once.
    """
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            source = orjson.loads(line)
        except orjson.JSONDecodeError:
            skipped["not JSON"] += 1
            continue
        if not isinstance(source, dict) or ("index" in source and len(source) == 1):
            continue
        try:
            record = _record(source, f"ubi-{number}", seen)
        except (KeyError, TypeError, ValueError) as error:
            record = f"cannot be read: {type(error).__name__} {error}"
        if isinstance(record, Record):
            yield record
        else:
            skipped[record] += 1


def _record(source: dict[str, Any], event_id: str, seen: set[str]) -> Record | str:
    """The record, or the reason why there is none."""
    action = source.get("action_name")
    thing = (source.get("event_attributes") or {}).get("object") or {}
    if action is None or action in QUERY_ACTIONS:
        return _search(source, event_id, seen)
    if action not in CLICK_ACTIONS and action != "purchase":
        return f"{action}: not an action on a product"
    if not thing.get("object_id"):
        return f"{action} without an object"
    item = {"item_id": thing["object_id"]}
    if thing.get("description"):
        item["title"] = thing["description"]
    if action == "purchase":
        order = {"order_id": thing.get("transaction_id", event_id), "items": [item | {"quantity": 1}]}
        return Record(PURCHASES, source["client_id"], _common(source, event_id) | order)
    return Record(CLICKS, source["client_id"], _common(source, event_id) | {"action": CLICK_ACTIONS[action]} | item)


def _search(source: dict[str, Any], event_id: str, seen: set[str]) -> Record | str:
    query_id = source.get("query_id")
    if query_id in seen:
        return "a repeated search, as a query or an event"
    query = source.get("user_query") or (source.get("message") if source.get("action_name") == "on_search" else None)
    if not query:
        return "a search without words"
    if query_id:
        seen.add(query_id)
    return Record(SEARCHES, source["client_id"], _common(source, event_id) | {"query": query})


def _common(source: dict[str, Any], event_id: str) -> dict[str, Any]:
    attributes = source.get("event_attributes") or {}
    when = source["timestamp"]
    fields = {
        "event_id": event_id,
        **person(source.get("user_id"), source["client_id"]),
        "ts": utc_ms(when) if isinstance(when, str) else int(when),
        "session_id": source.get("session_id") or attributes.get("session_id"),
        "ip": attributes.get("ip"),
    }
    if isinstance(attributes.get("dwell_time"), int | float):
        fields["dwell_ms"] = round(1000 * attributes["dwell_time"])
    return {name: value for name, value in fields.items() if value is not None}
