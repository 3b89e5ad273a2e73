"""Records of other systems: by which fields each is known, and what to do with them. A closed list, for refusals."""

from collections.abc import Collection
from typing import NamedTuple


class System(NamedTuple):
    """One system, or a kind of envelope."""

    name: str
    strong: frozenset[str]
    """Fields that hardly any other record has: two of them are enough."""
    weak: frozenset[str]
    """Fields that others may have, too: they count where a record has none of its input's own fields."""
    advice: str

    def hits(self, fields: Collection[str]) -> tuple[int, int]:
        """Number of strong and of weak fields among some."""
        return len(self.strong.intersection(fields)), len(self.weak.intersection(fields))


_MAP = "Write a record of the contract for each event: docs/schemas has the fields."


def _system(name: str, strong: str, weak: str = "", advice: str = _MAP) -> System:
    return System(name, frozenset(strong.split()), frozenset(weak.split()), advice)


SYSTEMS = (
    _system(
        "a change data capture envelope (Debezium)",
        "before after op ts_ms ts_us ts_ns",
        "source transaction",
        "Unwrap it (ExtractNewRecordState), and write a record of the contract for the new row.",
    ),
    _system(
        "a change data capture record (Maxwell, Canal, DynamoDB)",
        "xid xoffset binlog_position pkNames isDdl dynamodb eventSourceARN eventName",
        "database table old commit type data",
        "Write a record of the contract for the new row.",
    ),
    _system(
        "a Kafka Connect envelope with its schema",
        "",
        "schema payload",
        "Set value.converter.schemas.enable=false, so that the payload alone is written.",
    ),
    _system(
        "a CloudEvent in structured mode",
        "specversion datacontenttype dataschema data_base64",
        "type source id subject time data",
        "Write its data as the record's value, and the attributes as headers (binary mode).",
    ),
    _system(
        "an event of Segment or RudderStack",
        "messageId anonymousId userId originalTimestamp sentAt receivedAt writeKey"
        " original_timestamp received_at sent_at uuid_ts context_library_name context_ip",
        "type event properties traits context integrations timestamp product_id name event_text",
        "Map userId to user_id, anonymousId to anonymous_id, and its properties to the fields in docs/schemas.",
    ),
    _system(
        "an event of Snowplow",
        "domain_userid network_userid user_ipaddress derived_tstamp collector_tstamp dvce_created_tstamp etl_tstamp"
        " unstruct_event contexts domain_sessionid v_tracker se_action page_urlpath",
        "app_id event_name event event_id platform user_fingerprint tv aid tna duid",
        "Map domain_userid to anonymous_id, derived_tstamp to ts, and its contexts to the fields in docs/schemas.",
    ),
    _system(
        "an event of Google Analytics 4",
        "event_params user_pseudo_id event_timestamp event_date user_properties event_bundle_sequence_id"
        " user_first_touch_timestamp app_instance_id timestamp_micros non_personalized_ads",
        "event_name client_id events ecommerce platform stream_id params",
        "Map user_pseudo_id to anonymous_id, and event_params and items to the fields in docs/schemas.",
    ),
    _system(
        "an event of PostHog or Mixpanel",
        "distinct_id $set $set_once $anon_distinct_id $insert_id elements_chain person_id mp_lib",
        "event properties token api_key uuid timestamp",
        "Map distinct_id to user_id or anonymous_id, and its properties to the fields in docs/schemas.",
    ),
    _system(
        "an event of Amplitude",
        "event_properties amplitude_id user_properties insert_id server_upload_time client_event_time",
        "event_type device_id groups library time",
        "Map its event_properties to the fields in docs/schemas.",
    ),
    _system(
        "an event of a conversions interface (Meta)",
        "custom_data user_data action_source event_source_url",
        "event_name event_time",
    ),
    _system(
        "an order of Shopify",
        "line_items billing_address shipping_address total_price admin_graphql_api_id financial_status"
        " checkout_token total_line_items_price customer_locale",
        "customer id name email order_number subtotal_price",
        "Map line_items to items, total_price to total, id to order_id, and customer.id to user_id.",
    ),
    _system(
        "an order of WooCommerce",
        "line_items billing shipping order_key date_created date_created_gmt shipping_lines fee_lines",
        "customer_id number status meta_data id total_tax",
        "Map line_items to items, id to order_id, and a customer_id other than 0 to user_id.",
    ),
    _system(
        "an order of Magento",
        "increment_id grand_total base_grand_total quote_id store_id billing_address extension_attributes",
        "entity_id customer_id customer_email state",
    ),
    _system(
        "a message of a layer of tags (Google Tag Manager)",
        "gtm.uniqueEventId gtm.start ecommerce eventModel",
        "event",
    ),
    _system(
        "a visit of Matomo",
        "idvisitor idVisit actionDetails visitorId idSite visitServerHour",
        "serverDate referrerType",
    ),
    _system(
        "an event of Adobe Experience Platform",
        "xdm identityMap _experience productListItems",
        "eventType timestamp web commerce",
    ),
    _system(
        "an event of Umami",
        "website hostname",
        "payload type",
    ),
    _system(
        "a document of Elasticsearch or Logstash",
        "_source _index _type @timestamp @version",
        "_id host",
        "Write the document itself as the record's value.",
    ),
    _system(
        "a request to a REST proxy of Kafka",
        "records value_schema key_schema value_schema_id",
        "key value partition headers",
        "Write the inner value as the record's value.",
    ),
)
"""All systems that are told apart."""
UBI_NAME = "a record of OpenSearch User Behavior Insights"
UBI_ADVICE = "Send it to clicks, searches or purchases, which take such records as they are."

_STRONG = frozenset().union(*[system.strong for system in SYSTEMS])
_ANY = frozenset().union(*[system.strong | system.weak for system in SYSTEMS])
_CONTEXTS = ("contexts_", "unstruct_event_")
"""Beginnings of the columns of a Snowplow table."""


def system_of(fields: Collection[str], *, has_own: bool) -> System | None:
    """The system whose record has these fields; None for none.

    A record with fields of its input's own is another system's only by two strong fields, any other record by one, or
    by two weak ones.

    >>> system_of(["distinct_id", "event", "properties"], has_own=False).name
    'an event of PostHog or Mixpanel'
    >>> system_of(["user_id", "title", "distinct_id"], has_own=True)
    """
    names = {"contexts" if one.startswith(_CONTEXTS) else one for one in fields}
    if (has_own and len(_STRONG & names) < 2) or _ANY.isdisjoint(names):
        return None
    best, found = (0, 0), None
    for system in SYSTEMS:
        hits = system.hits(names)
        enough = hits[0] >= 2 or (not has_own and (hits[0] == 1 or hits[1] >= 2))
        if enough and hits > best:
            best, found = hits, system
    return found
