"""Records of OpenSearch User Behavior Insights 1.3, as its clients write them."""

from typing import Any

import msgspec
from msgspec import Struct

from liveprofile.streams.contract.inputs.common import Id, Time


class UbiObject(Struct, gc=False):
    """The object of an event. Its details stand beside these fields, or in `object_detail`."""

    object_id: Id | None = None
    name: str | None = None
    description: str | None = None
    title: str | None = None
    brand: str | None = None
    category: Any = None
    price: Any = None
    list_price: Any = None
    currency: Any = None
    quantity: Any = None
    order_id: Any = None
    transaction_id: Any = None
    object_detail: Any = None
    object_details: Any = None
    details: Any = None


class UbiAttributes(Struct, gc=False):
    """The attributes of an event."""

    object: UbiObject | None = None
    session_id: Id | None = None
    dwell_time: Any = None
    ip: Any = None


class Ubi(Struct, gc=False):
    """A query or an event as OpenSearch User Behavior Insights writes it."""

    client_id: Id | None = None
    user_id: Id | None = None
    session_id: Id | None = None
    timestamp: Time | None = None
    query_id: Id | None = None
    action_name: str | None = None
    user_query: str | None = None
    message: str | None = None
    event_attributes: UbiAttributes | None = None


UBI_DECODER = msgspec.json.Decoder(Ubi, strict=False)
