"""Names and words that a dead letter may show: a closed list, so that no word of a sender is ever repeated."""

from liveprofile.profiles.traits.attributes import shipped
from liveprofile.streams.contract.inputs import INPUTS, Item, Ubi, UbiAttributes, UbiObject

_OTHER_SYSTEMS = """
    $ip $lib $session_id @id account account_id action actionName action_name actor addToCart additional_data
    address address1 address2 after anonymousId app app_id attributes attribution basket before billing_address
    birthday body brand_name browser cart cart_id category_id channel checkout city client clientId client_ip
    collector_tstamp company content context contexts count country coupon createdAt created_at currencyCode
    currency_code customer customerEmail customerId customerName customer_email customer_id customer_name data date
    datetime delivery derived_tstamp details deviceId device_id device_type discount display_name distinct_id
    domain_sessionid domain_userid dvce_created_tstamp ecommerce email emailAddress env error event eventId
    eventName eventTime eventType event_attributes event_date event_id event_name event_params event_time
    event_timestamp event_type external_id extra family_name firstName first_name fullName full_name ga_session_id
    gender geo given_name group groupId guest_id header headers hits host hostname id identifier identity index
    integrations ipAddress ip_address itemId item_category item_name item_variant items_count key label lang
    language lastName last_name latitude level lib library lineItems line_items list locale_code location log login
    longitude loyalty_id messageId message_id messages meta metadata method mobile model msg name network_userid
    note notes number object objectId object_id offer op order orderId order_number order_status orders origin
    originalTimestamp os page page_location page_title page_url parameters params password path payload payment
    payment_method phone phone_number platform position postal_code postcode previous product productId productName
    product_id product_name products profile properties props quantities quantity_total query_attributes
    query_response_id rating reason receivedAt received_at ref referer referrer refund refund_id region request
    response result rows schema schema_version score screen search searchTerm search_term section seller sender
    sentAt sent_at seq sequence session sessionId session_token shipping shipping_address shop shop_id sid sku
    source source_id state status store store_id street subject subtotal subtotal_price super_properties surname
    tags tax tax_total telephone time time_stamp token topic totalPrice total_amount total_price tracker traits
    transaction transactionId transaction_id ts_ms type uid unit_price uri url user userAgent userEmail userId
    userName userProperties user_agent user_email user_fingerprint user_first_touch_timestamp user_ipaddress
    user_name user_properties user_pseudo_id username uuid v val value values variant variantId variant_id vendor
    version views visit visitId visit_id visitor visitorId visitor_id when zip zip_code zipcode
"""
"""Names of fields in events of other systems, from their public schemas: the reader sees whose record it is."""

KNOWN_KEYS = frozenset(
    {field for struct in (*INPUTS.values(), Item, Ubi, UbiAttributes, UbiObject) for field in struct.__struct_fields__}
    | set(shipped().attributes)
    | set(_OTHER_SYSTEMS.split())
)
"""Keys that are shown; any other one is shown as its length."""

WORD_KEYS = frozenset(
    {"action", "action_name", "kind", "about", "verdict", "type", "op", "event"}
    | {"event_name", "eventName", "event_type", "eventType"}
)
"""Fields of closed words."""
AMOUNT_KEYS = frozenset(
    {"price", "list_price", "unit_price", "total", "total_price", "total_amount", "subtotal"}
    | {"quantity", "count", "stars", "results", "dwell_ms"}
)
"""Fields of amounts and counts."""
TIME_KEYS = frozenset(
    {"ts", "timestamp", "time", "event_time", "eventTime", "created_at", "sent_at", "sentAt", "originalTimestamp"}
)
"""Fields of times, of which the form is shown and no digit."""
CURRENCY_KEYS = frozenset({"currency", "currency_code", "currencyCode"})
"""Fields of currencies."""

_EVENTS = """
    accept accepted add add_payment_info add_shipping_info add_to_cart add_to_wishlist alias attribute batch
    begin_checkout browse buy buy_now c cancel cancelled cart cart_viewed category_view checkout checkout_started
    click clicked complete completed conversion corrected create created d declined_product delete deleted detail
    dislike dismiss exit failed failure favorite favourite form_submit group hover identify impression install
    item_click item_view like like_product list_viewed load login logout message offer open order order_completed
    order_placed order_updated page page_ping page_view pageview paid pay pending ping play product_added
    product_click product_hover product_list_viewed product_removed product_view product_viewed purchase purchased
    query r rate refund refunded refused remove remove_from_cart removed return review reviewed screen screen_view
    scroll search searched select_content select_item session_end session_start share shared sign_up signup start
    struct submit subscribe success tag track transaction u uncart unlike unstruct unsubscribe update updated view
    view_cart view_item view_item_list view_search_results viewed visit wishlist
"""
_EXACT_EVENTS = """
    $pageview $pageleave $identify $autocapture $screen $set Product|Viewed Product|Added Product|Removed
    Order|Completed Order|Refunded Cart|Viewed Products|Searched Product|Clicked Checkout|Started
"""

KNOWN_WORDS = frozenset(_EVENTS.split()) | {word.replace("|", " ") for word in _EXACT_EVENTS.split()}
"""What a field of closed words may say; currencies come on top in their own field."""
