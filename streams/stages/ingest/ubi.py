"""Reads records of OpenSearch User Behavior Insights (https://github.com/o19s/ubi) as clicks, searches, purchases."""

from collections.abc import Collection
from typing import Any, TypedDict

from liveprofile.streams.contract.event_names import Said, said_by
from liveprofile.streams.contract.foreign_systems import UBI_ADVICE, UBI_NAME
from liveprofile.streams.contract.inputs import (
    UBI_DECODER,
    Click,
    Item,
    Purchase,
    Search,
    Ubi,
    UbiAttributes,
    UbiObject,
)
from liveprofile.streams.contract.inputs.common import Id, Time
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.stages.ingest.passed_over import PassedOver

CLICK_ACTIONS = {
    "view": "view",
    "item_view": "view",
    "view_item": "view",
    "product_view": "view",
    "product_hover": "view",
    "watch": "view",
    "click": "click",
    "item_click": "click",
    "product_click": "click",
    "click_through": "click",
    "cart": "cart",
    "add_to_cart": "cart",
    "remove_from_cart": "uncart",
    "favourite": "favourite",
    "favorite": "favourite",
    "add_to_wishlist": "favourite",
    "share": "share",
    "dismiss": "dismiss",
    "declined_product": "dismiss",
}
"""The contract's actions by the names of UBI clients."""
SEARCH_ACTIONS = frozenset({"search", "on_search"})
PURCHASE_ACTIONS = frozenset({"purchase", "buy", "checkout"})
IMPRESSIONS = frozenset(
    {"impression", "impressions", "item_impression", "product_impression", "search_impression", "view_impression"}
)
"""What the shop showed: counted, and no act of the shopper."""
TOPICS = frozenset({"clicks", "searches", "purchases"})
"""Inputs that take such records; any of them takes all."""
_ALONE = frozenset({"action_name", "user_query"})
_BESIDE = frozenset({"client_id", "event_attributes", "query_id", "application", "query_attributes"})
_PERSON = frozenset({"client_id", "user_id"})


_NO_ACT, _PURCHASE = Said("", ""), Said("purchases", "purchase")


class _Common(TypedDict):
    """Fields that every event takes from a record."""

    user_id: Id | None
    anonymous_id: Id | None
    ts: Time | None
    session_id: Id | None
    ip: str | None


def is_ubi(fields: Collection[str], has_own: bool) -> bool:
    """Whether a record has the shape of UBI: an action or a query, what stands beside it there, and nothing of ours.

    One field is never enough: `client_id` and `message` are names that anybody may use.
    """
    return (
        not has_own
        and any(name in fields for name in _ALONE)
        and any(name in fields for name in _BESIDE)
        and any(name in fields for name in _PERSON)
    )


def read_ubi(topic: str, value: bytes) -> Click | Search | Purchase | PassedOver:
    """The event in a UBI record. RefusedError if it is not an action of the shopper, or on a topic of other records.

    A query (of the ubi_queries index) is a search. `client_id` is an anonymous id unless a `user_id` is given.
    """
    if topic not in TOPICS:
        raise RefusedError(Reason.FOREIGN_RECORD, f"The record looks like {UBI_NAME}. {UBI_ADVICE}")
    record = UBI_DECODER.decode(value)
    action = record.action_name.strip().lower().replace("-", "_") if record.action_name else "search"
    if action in SEARCH_ACTIONS:
        return _search(record)
    if action in PURCHASE_ACTIONS:
        return _purchase(record)
    if action in CLICK_ACTIONS:
        return _click(record, CLICK_ACTIONS[action])
    if action in IMPRESSIONS or action.endswith("_impression"):
        return PassedOver("impression")
    said = said_by(action) or _NO_ACT
    if said.topic == "clicks":
        return _click(record, said.act)
    if said == _PURCHASE:
        return _purchase(record)
    raise RefusedError(Reason.NOT_AN_ACT, "action_name is none that tells what a shopper did with a product.")


def _search(record: Ubi) -> Search:
    """The text is `user_query` in a query, and often only `message` in an event."""
    query = record.user_query or record.message
    return Search(query=query, **_common(record))


def _click(record: Ubi, action: str) -> Click:
    thing = _object(record)
    attributes = record.event_attributes or UbiAttributes()
    dwell_s = _number(attributes.dwell_time)
    return Click(
        action=action,
        item_id=thing.object_id,
        title=thing.title,
        category=thing.category,
        brand=thing.brand,
        price=thing.price,
        list_price=thing.list_price,
        currency=thing.currency,
        dwell_ms=None if dwell_s is None else max(0.0, 1000 * dwell_s),
        **_common(record),
    )


def _purchase(record: Ubi) -> Purchase:
    thing = _object(record)
    item = Item(
        item_id=thing.object_id,
        title=thing.title,
        category=thing.category,
        brand=thing.brand,
        price=thing.price,
        list_price=thing.list_price,
        quantity=thing.quantity,
    )
    return Purchase(items=[item], order_id=thing.order_id, currency=thing.currency, **_common(record))


def _object(record: Ubi) -> UbiObject:
    """The object with its details, in the types of our own fields; what it says itself goes before its details."""
    thing = (record.event_attributes or UbiAttributes()).object or UbiObject()
    details = _details(thing)

    def said(name: str) -> Any:
        own = getattr(thing, name)
        return details.get(name) if own is None else own

    titles = [_text(said(name)) for name in ("title", "name", "description")]
    return UbiObject(
        object_id=thing.object_id,
        title=next((title for title in titles if title), None),
        brand=_text(said("brand")),
        category=_path(said("category")),
        price=_number(said("price")),
        list_price=_number(said("list_price")),
        currency=_text(said("currency")),
        quantity=_number(said("quantity")),
        order_id=_id(said("order_id")) or _id(said("transaction_id")),
    )


def _details(thing: UbiObject) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for details in (thing.details, thing.object_details, thing.object_detail):
        if isinstance(details, list) and len(details) == 1:
            details = details[0]
        if isinstance(details, dict):
            found |= details
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _id(value: Any) -> Id | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _path(value: Any) -> str | None:
    """A category: a text, or a list of its levels."""
    if isinstance(value, list) and all(isinstance(level, str) for level in value):
        return " > ".join(value) or None
    return _text(value)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def _common(record: Ubi) -> _Common:
    attributes = record.event_attributes or UbiAttributes()
    return {
        "user_id": record.user_id,
        "anonymous_id": record.client_id,
        "ts": record.timestamp if record.timestamp != "" else None,
        "session_id": record.session_id or attributes.session_id,
        "ip": _text(attributes.ip),
    }
