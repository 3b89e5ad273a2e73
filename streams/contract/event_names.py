"""What names of events say: the input and the act of each. A closed list of the names that trackers write.

A record that has such a name in `event`, `event_name`, `event_type` or `type` is refused where the name contradicts its
topic, or an act that it would be by default.
"""

import re
from typing import NamedTuple


class Said(NamedTuple):
    """An input with the act there; an input of none is of no input."""

    topic: str
    act: str


def _names(topic: str, act: str, names: str) -> dict[str, Said]:
    return dict.fromkeys(names.split(), Said(topic, act))


NAMES: dict[str, Said] = {
    **_names(
        "clicks",
        "view",
        "view page_view pageview page screen screen_view view_item item_view product_view product_viewed viewed_product"
        " product_detail product_detail_view product_detail_viewed view_content viewcontent content_view view_product"
        " product_hover page_viewed screen_viewed item_viewed",
    ),
    **_names(
        "clicks",
        "click",
        "click item_click product_click product_clicked select_item select_content clicked item_clicked autocapture"
        " select_promotion promotion_clicked",
    ),
    **_names(
        "clicks",
        "cart",
        "cart add_to_cart addtocart added_to_cart add_cart cart_add product_added product_added_to_cart"
        " item_added_to_cart basket_add add_to_basket",
    ),
    **_names(
        "clicks",
        "uncart",
        "uncart remove_from_cart removefromcart cart_remove product_removed product_removed_from_cart"
        " item_removed_from_cart remove_from_basket",
    ),
    **_names(
        "clicks",
        "favourite",
        "favourite favorite add_to_wishlist addtowishlist wishlist_add product_added_to_wishlist favourited favorited",
    ),
    **_names("clicks", "share", "share shared product_shared share_product cart_shared"),
    **_names("clicks", "dismiss", "dismiss declined_product remove_from_wishlist product_removed_from_wishlist"),
    **_names(
        "searches",
        "search",
        "search on_search searched site_search products_searched product_searched view_search_results search_submitted"
        " search_performed",
    ),
    **_names(
        "purchases",
        "purchase",
        "purchase purchased buy order orders order_completed order_placed placed_order order_paid order_created"
        " orders_create orders_paid checkout_completed checkout_complete ecommerce_purchase transaction conversion"
        " in_app_purchase",
    ),
    **_names(
        "purchases",
        "refund",
        "refund refunded order_refunded refunds_create refund_created return returned order_returned product_returned",
    ),
    **_names("purchases", "failed", "payment_failed failed_payment charge_failed order_failed payment_declined"),
    **_names(
        "reviews",
        "review",
        "review reviewed product_reviewed review_submitted review_created rating rated product_rated",
    ),
    **_names("feedback", "feedback", "feedback feedback_given"),
    **_names("declarations", "declaration", "declaration declared preferences_updated profile_updated"),
    **_names(
        "",
        "",
        "identify alias group set login log_in logged_in logout log_out logged_out sign_up signup signed_up"
        " begin_checkout checkout_started initiate_checkout initiatecheckout checkout_step_viewed"
        " checkout_step_completed add_payment_info add_shipping_info payment_info_entered view_cart cart_viewed"
        " view_item_list product_list_viewed product_list_filtered view_promotion promotion_viewed impression"
        " impressions product_impression session_start session_end first_visit first_open user_engagement scroll"
        " file_download video_start video_progress video_complete form_start form_submit page_leave pageleave"
        " page_ping order_cancelled order_canceled order_updated coupon_entered coupon_applied experiment_viewed"
        " app_open app_opened application_opened application_installed email_opened email_sent email_clicked"
        " notification_opened feature_flag_called web_vitals exception error heartbeat",
    ),
}
"""What a name says, by the name in lower case with _ between words."""
NAMING = ("event", "event_name", "event_type", "type")
"""Fields that may hold a name, the most telling first."""
SPEAKING = frozenset({"event", "event_name"})
"""Of these, the ones that hold nothing but names of events."""

_BETWEEN = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def said_by(name: str) -> Said | None:
    """What a name of an event says; None if it is not in the list.

    >>> said_by("Order Completed"), said_by("$pageview"), said_by("AddToCart"), said_by("colour picked")
    (Said(topic='purchases', act='purchase'), Said(topic='clicks', act='view'), Said(topic='clicks', act='cart'), None)
    """
    if len(name) > 64:
        return None
    return NAMES.get(_plain(name)) or NAMES.get(_plain(_CAMEL.sub("_", name)))


def _plain(name: str) -> str:
    return _BETWEEN.sub("_", name.lower()).strip("_")
