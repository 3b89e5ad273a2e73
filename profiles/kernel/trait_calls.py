"""The compiled calls of every declared trait: written by `generate`, never by hand; a test compares them."""

from liveprofile.profiles.kernel.bands import around_zero, on_ladder, publish_band
from liveprofile.profiles.kernel.detections import Detections, record_detection
from liveprofile.profiles.kernel.statements import is_corrected
from liveprofile.profiles.numeric.aliases import Row, Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.state.row import PATHS
from liveprofile.profiles.traits.active_days import judge_days, weekend_share
from liveprofile.profiles.traits.active_hours import judge_hours, update_active_times
from liveprofile.profiles.traits.discounts import enough_paid, exact_share, share_of_row, update_discounts
from liveprofile.profiles.traits.entry import update_entry
from liveprofile.profiles.traits.offers import accepted, refused, update_offers
from liveprofile.profiles.traits.origins import known_countries, known_devices, update_origins
from liveprofile.profiles.traits.pace import update_pace
from liveprofile.profiles.traits.payments import update_payments
from liveprofile.profiles.traits.price_band import enough_prices, mean_price, update_price
from liveprofile.profiles.traits.queries import update_queries
from liveprofile.profiles.traits.rhythm import update_rhythm
from liveprofile.profiles.traits.sentiment import enough_reviews, mean_sentiment, update_sentiment
from liveprofile.profiles.traits.spend_band import recent_at, recent_spend
from liveprofile.profiles.traits.trait import Moment

SPEND_BAND_PATH = PATHS.index("spend.band")
ACTIVE_HOURS_PATH = PATHS.index("hours")
PRICE_BAND_PATH = PATHS.index("price.band")
DISCOUNTS_PATH = PATHS.index("discounts")
ACTIVE_DAYS_PATH = PATHS.index("days")
SENTIMENT_PATH = PATHS.index("sentiment")
DAYPART = digest32("daypart")
PRICE_FOCUS = digest32("price_focus")
SHOPPING_DAYS = digest32("shopping_days")


@compiled
def update_declared(row: Row, event: Row, moment: Moment) -> None:
    """Apply the activity to every declared trait."""
    update_active_times(row, event, moment)
    update_price(row, event, moment)
    update_discounts(row, event, moment)
    update_sentiment(row, event, moment)
    update_rhythm(row, event, moment)
    update_pace(row, event, moment)
    update_payments(row, event, moment)
    update_origins(row, event, moment)
    update_queries(row, event, moment)
    update_offers(row, event, moment)
    update_entry(row, event, moment)


@compiled
def detect_spend_band(
    row: Row, time_ms: int, most: float, rules: Rules, detections: Detections, count: int
) -> tuple[int, int]:
    """Publish another band of `spend.band`, if there is one and it is due."""
    before, value = int(row.published_spend_band), recent_at(row, time_ms, rules)
    after, bound = on_ladder(before, value, rules.spend_bounds, rules.spend_exit_factor)
    if after == before:
        return count, 0
    interval_s, path = rules.spend_interval_s, SPEND_BAND_PATH
    band = publish_band(row, path, before, after, bound, value, interval_s, time_ms, most, detections, count)
    row.published_spend_band = band
    return (count + 1, 0) if band == after else (count, 1)


@compiled
def detect_active_hours(
    row: Row, time_ms: int, most: float, rules: Rules, detections: Detections, count: int
) -> tuple[int, int]:
    """Publish another band of `hours`, if there is one and it is due."""
    before = int(row.published_part_of_day)
    after, bound, value = judge_hours(row, before, rules)
    if after == before or is_corrected(row, DAYPART):
        return count, 0
    interval_s, path = rules.hours_interval_s, ACTIVE_HOURS_PATH
    band = publish_band(row, path, before, after, bound, value, interval_s, time_ms, most, detections, count)
    row.published_part_of_day = band
    return (count + 1, 0) if band == after else (count, 1)


@compiled
def detect_price_band(
    row: Row, time_ms: int, most: float, rules: Rules, detections: Detections, count: int
) -> tuple[int, int]:
    """Publish another band of `price.band`, if there is one and it is due."""
    before, value = int(row.published_price_band), mean_price(row)
    after, bound = around_zero(before, value, rules.price_enter, rules.price_exit)
    if after == before or (before == 0 and not enough_prices(row, rules)) or is_corrected(row, PRICE_FOCUS):
        return count, 0
    interval_s, path = rules.price_interval_s, PRICE_BAND_PATH
    band = publish_band(row, path, before, after, bound, value, interval_s, time_ms, most, detections, count)
    row.published_price_band = band
    return (count + 1, 0) if band == after else (count, 1)


@compiled
def detect_discounts(
    row: Row, time_ms: int, most: float, rules: Rules, detections: Detections, count: int
) -> tuple[int, int]:
    """Publish another band of `discounts`, if there is one and it is due."""
    before, value = int(row.published_discount_band), share_of_row(row)
    after, bound = on_ladder(before, value, rules.discount_bounds, rules.discount_exit_factor)
    if after == before or (before == 0 and not enough_paid(row, rules)):
        return count, 0
    interval_s, path = rules.discount_interval_s, DISCOUNTS_PATH
    band = publish_band(row, path, before, after, bound, value, interval_s, time_ms, most, detections, count)
    row.published_discount_band = band
    return (count + 1, 0) if band == after else (count, 1)


@compiled
def detect_active_days(
    row: Row, time_ms: int, most: float, rules: Rules, detections: Detections, count: int
) -> tuple[int, int]:
    """Publish another band of `days`, if there is one and it is due."""
    before = int(row.published_days)
    after, bound, value = judge_days(row, before, rules)
    if after == before or is_corrected(row, SHOPPING_DAYS):
        return count, 0
    interval_s, path = rules.days_interval_s, ACTIVE_DAYS_PATH
    band = publish_band(row, path, before, after, bound, value, interval_s, time_ms, most, detections, count)
    row.published_days = band
    return (count + 1, 0) if band == after else (count, 1)


@compiled
def detect_sentiment(
    row: Row, time_ms: int, most: float, rules: Rules, detections: Detections, count: int
) -> tuple[int, int]:
    """Publish another band of `sentiment`, if there is one and it is due."""
    before, value = int(row.published_sentiment), mean_sentiment(row)
    after, bound = around_zero(before, value, rules.sentiment_enter, rules.sentiment_exit)
    if after == before or (before == 0 and not enough_reviews(row, rules)):
        return count, 0
    interval_s, path = rules.sentiment_interval_s, SENTIMENT_PATH
    band = publish_band(row, path, before, after, bound, value, interval_s, time_ms, most, detections, count)
    row.published_sentiment = band
    return (count + 1, 0) if band == after else (count, 1)


@compiled
def detect_first_traits(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """Judge the bands that come before clusters; returns the number of detections, and of changes suppressed."""
    suppressed = 0
    count, late = detect_spend_band(row, max(row.seen_ms, row.judged_ms), 1.0, rules, detections, count)
    suppressed += late
    count, late = detect_active_hours(row, row.seen_ms, 1.0, rules, detections, count)
    suppressed += late
    return count, suppressed


@compiled
def detect_traits(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """Judge the bands that come after interests; returns the number of detections, and of changes suppressed."""
    suppressed = 0
    count, late = detect_price_band(row, row.seen_ms, 1.0, rules, detections, count)
    suppressed += late
    count, late = detect_discounts(row, row.seen_ms, 1.0, rules, detections, count)
    suppressed += late
    count, late = detect_active_days(row, row.seen_ms, 1.0, rules, detections, count)
    suppressed += late
    count, late = detect_sentiment(row, row.seen_ms, 1.0, rules, detections, count)
    suppressed += late
    return count, suppressed


@compiled
def withdraw(row: Row, attribute: int, detections: Detections, count: int) -> int:
    """Withdraw the band that the person corrected by an attribute; returns the number of detections."""
    if attribute == DAYPART and row.published_part_of_day > 0:
        record_detection(detections[count], ACTIVE_HOURS_PATH, int(row.published_part_of_day), 0, 0.0, 0.0)
        row.published_part_of_day = 0
        return count + 1
    if attribute == PRICE_FOCUS and row.published_price_band > 0:
        record_detection(detections[count], PRICE_BAND_PATH, int(row.published_price_band), 0, 0.0, 0.0)
        row.published_price_band = 0
        return count + 1
    if attribute == SHOPPING_DAYS and row.published_days > 0:
        record_detection(detections[count], ACTIVE_DAYS_PATH, int(row.published_days), 0, 0.0, 0.0)
        row.published_days = 0
        return count + 1
    return count


@compiled
def read_declared(row: Row, f: Row) -> None:
    """Fill in the features that traits declare, as of the newest activity."""
    f.spend_recent = recent_spend(row)
    f.spend_band = row.published_spend_band
    f.daypart = row.published_part_of_day
    f.price_level = row.price
    f.price_band = row.published_price_band
    f.discount_share = exact_share(row)
    f.weekend_share = weekend_share(row)
    f.reviews = row.reviews
    f.sentiment_mean = row.sentiment
    f.sentiment_band = row.published_sentiment
    f.payments_failed = row.failed
    f.devices = known_devices(row)
    f.countries = known_countries(row)
    f.search_specificity = row.specificity
    f.offers_accepted = accepted(row)
    f.offers_refused = refused(row)
