"""Records of OpenSearch User Behavior Insights."""

from msgspec import Struct

from liveprofile.streams.contract.inputs.common import Id, Time


class UbiObject(Struct, gc=False):
    """The object of an OpenSearch User Behavior Insights event."""

    object_id: Id | None = None
    description: str | None = None


class UbiAttributes(Struct, gc=False):
    """The attributes of a User Behavior Insights event."""

    object: UbiObject | None = None
    session_id: Id | None = None


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
