"""When a change of a trait is worth saying, as `changes` does for interests and spend."""

from liveprofile.profiles.kernel.detections import Detections, record_detection
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import is_due
from liveprofile.profiles.numeric.hysteresis import band_around_zero, crossed, ladder_band, ladder_bound
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.state.row import PATHS, Row
from liveprofile.profiles.traits.declared import (
    DAYPART,
    PRICE_FOCUS,
    SHOPPING_DAYS,
    declare,
    is_corrected,
    is_statement,
)
from liveprofile.profiles.traits.prices import saved_share

PRICE_PATH, DISCOUNT_PATH = PATHS.index("price.band"), PATHS.index("discounts")
DAYS_PATH, SENTIMENT_PATH, DECLARED_PATH = PATHS.index("days"), PATHS.index("sentiment"), PATHS.index("declared")
HOURS_PATH, DAY_MS = PATHS.index("hours"), 86_400_000
SATURDAY = 5
WITHDRAWN_BY, BY_THE_PERSON = 1, 1
"""Place in `after`, behind the band, and what stands there: the band is withdrawn because the person corrected it."""
ATTRIBUTE, STATED, HOW = range(3)
"""Places in `before` and `after` of a statement: attribute, its value (0 for none), and how it was stated."""


@compiled
def detect_traits(row: Row, event: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """Run all detectors in the order of `PATHS`; returns the number of notes, and of changes held back."""
    count, suppressed = _price_band(row, rules, detections, count)
    count, late = _discounts(row, rules, detections, count)
    suppressed += late
    count, late = _days(row, rules, detections, count)
    suppressed += late
    count, late = _sentiment(row, rules, detections, count)
    suppressed += late
    if is_statement(event):
        count = _declared(row, event, detections, count)
    return count, suppressed


@compiled
def _price_band(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    before = int(row.published_price_band)
    if before == 0 and row.price_mass < rules.price_least_mass:
        return count, 0
    after = band_around_zero(before, row.price, rules.price_enter, rules.price_exit)
    if after == before or is_corrected(row, PRICE_FOCUS):
        return count, 0
    if not is_due(row, PRICE_PATH, rules.price_interval_s):
        return count, 1
    bound = crossed(before, after, rules.price_enter, rules.price_exit)
    record_detection(detections[count], PRICE_PATH, before, after, bound, row.price)
    row.published_price_band = after
    return count + 1, 0


@compiled
def _discounts(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    before, share = int(row.published_discount_band), saved_share(row.paid, row.saved)
    if before == 0 and row.paid < rules.discount_least_paid * 100.0:
        return count, 0
    after = ladder_band(before, share, rules.discount_bounds, rules.discount_exit_factor)
    if after == before:
        return count, 0
    if not is_due(row, DISCOUNT_PATH, rules.discount_interval_s):
        return count, 1
    bound = ladder_bound(before, after, rules.discount_bounds, rules.discount_exit_factor)
    record_detection(detections[count], DISCOUNT_PATH, before, after, bound, share)
    row.published_discount_band = after
    return count + 1, 0


@compiled
def _days(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """Weekdays (1) or weekends (2): those that hold more than their share of a week by far."""
    before, weekend = int(row.published_days), 0
    for day in range(SATURDAY, 7):
        weekend += int(row.days[day])
    share = weekend / VECTOR_ONE
    known = row.hours_mass >= rules.hours_least_mass and row.seen_ms - row.first_ms >= rules.days_least_days * DAY_MS
    after = 0
    if known and 1.0 - share >= rules.days_enter_share[0]:
        after = 1
    elif known and share >= rules.days_enter_share[1]:
        after = 2
    elif (before == 1 and 1.0 - share >= rules.days_exit_share[0]) or (
        before == 2 and share >= rules.days_exit_share[1]
    ):
        after = before
    if after == before or is_corrected(row, SHOPPING_DAYS):
        return count, 0
    if not is_due(row, DAYS_PATH, rules.days_interval_s):
        return count, 1
    weekdays = max(before, after) == 1 if min(before, after) == 0 else after == 1
    bound = rules.days_enter_share if after > 0 else rules.days_exit_share
    observed = 1.0 - share if weekdays else share
    record_detection(detections[count], DAYS_PATH, before, after, bound[0] if weekdays else bound[1], observed)
    row.published_days = after
    return count + 1, 0


@compiled
def _sentiment(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    before = int(row.published_sentiment)
    if before == 0 and row.sentiment_mass < rules.sentiment_least_mass:
        return count, 0
    after = band_around_zero(before, row.sentiment, rules.sentiment_enter, rules.sentiment_exit)
    if after == before:
        return count, 0
    if not is_due(row, SENTIMENT_PATH, rules.sentiment_interval_s):
        return count, 1
    bound = crossed(before, after, rules.sentiment_enter, rules.sentiment_exit)
    record_detection(detections[count], SENTIMENT_PATH, before, after, bound, row.sentiment)
    row.published_sentiment = after
    return count + 1, 0


@compiled
def _declared(row: Row, event: Row, detections: Detections, count: int) -> int:
    """What the person says is said at once, and what was inferred instead is withdrawn; see `sayings` for the note."""
    changed, before, how = declare(row, event)
    if not changed:
        return count
    detection = detections[count]
    record_detection(detection, DECLARED_PATH, event.subject, event.subject, 0.0, 0.0)
    detection.before[STATED], detection.after[STATED], detection.after[HOW] = before, event.value, how
    count += 1
    if is_corrected(row, event.subject):
        count = _withdraw(row, event.subject, detections, count)
    return count


@compiled
def _withdraw(row: Row, attribute: int, detections: Detections, count: int) -> int:
    """Take back what was said of an inferred attribute."""
    if attribute == PRICE_FOCUS and row.published_price_band > 0:
        record_detection(detections[count], PRICE_PATH, int(row.published_price_band), 0, 0.0, 0.0)
        row.published_price_band = 0
    elif attribute == DAYPART and row.published_part_of_day > 0:
        record_detection(detections[count], HOURS_PATH, int(row.published_part_of_day), 0, 0.0, 0.0)
        row.published_part_of_day = 0
    elif attribute == SHOPPING_DAYS and row.published_days > 0:
        record_detection(detections[count], DAYS_PATH, int(row.published_days), 0, 0.0, 0.0)
        row.published_days = 0
    else:
        return count
    detections[count].after[WITHDRAWN_BY] = BY_THE_PERSON
    return count + 1
