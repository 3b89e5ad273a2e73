"""Reads OpenSearch User Behavior Insights records (https://github.com/o19s/ubi) as clicks, searches and purchases."""

from typing import TypedDict

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

CLICK_ACTIONS = {
    "view": "view",
    "item_view": "view",
    "view_item": "view",
    "product_view": "view",
    "product_hover": "view",
    "click": "click",
    "item_click": "click",
    "product_click": "click",
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
MARKER = b'"client_id"'
"""Every UBI record contains it, and hardly any other: a cheap check before a second decoding."""


class _Common(TypedDict):
    """Fields that every event takes from a record."""

    user_id: Id | None
    anonymous_id: Id | None
    ts: Time | None
    session_id: Id | None


def read_ubi(value: bytes) -> Click | Search | Purchase | None:
    """The event in a UBI record; None for another record. RefusedError if it is not an action of the shopper.

    A query (of the ubi_queries index) is a search. `client_id` is an anonymous id unless a `user_id` is given.
    """
    record = UBI_DECODER.decode(value)
    if record.client_id is None or (record.action_name is None and record.user_query is None):
        return None
    action = record.action_name.strip().lower() if record.action_name else "search"
    if action in SEARCH_ACTIONS:
        return _search(record)
    if action in PURCHASE_ACTIONS:
        return _purchase(record)
    if action in CLICK_ACTIONS:
        return _click(record, CLICK_ACTIONS[action])
    raise RefusedError(Reason.NOT_AN_ACT, "action_name is none that tells what a shopper did with a product.")


def _search(record: Ubi) -> Search:
    """The text is `user_query` in a query, and often only `message` in an event."""
    query = record.user_query or record.message
    return Search(query=query, **_common(record))


def _click(record: Ubi, action: str) -> Click:
    thing = _object(record)
    return Click(action=action, item_id=thing.object_id, title=thing.description, **_common(record))


def _purchase(record: Ubi) -> Purchase:
    thing = _object(record)
    return Purchase(items=[Item(item_id=thing.object_id, title=thing.description)], **_common(record))


def _object(record: Ubi) -> UbiObject:
    return (record.event_attributes or UbiAttributes()).object or UbiObject()


def _common(record: Ubi) -> _Common:
    session = record.session_id or (record.event_attributes or UbiAttributes()).session_id
    return {
        "user_id": record.user_id,
        "anonymous_id": record.client_id,
        "ts": record.timestamp,
        "session_id": session,
    }
