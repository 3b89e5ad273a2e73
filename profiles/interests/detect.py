"""When a change is worth saying: what is true now against what was last said, with hysteresis and a least interval.

Each detector compares, and if the change is due writes it into the row as said and takes a note. It returns 1 for a
change that is true but not yet due: it is looked at again with the profile's next activity.
"""

import math

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.interests.decayed import long_direction
from liveprofile.profiles.kernel.detections import Detections, record_detection
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import is_due
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.state.row import (
    BRANDS,
    BRANDS_PUBLISHED,
    LONG,
    PATHS,
    SCALE_COUNT,
    TOPICS,
    TOPICS_PUBLISHED,
    Row,
)
from liveprofile.profiles.traits.declared import DAYPART, is_corrected
from liveprofile.profiles.traits.spend_band import judge_band

DAY_MS = 86_400_000
BRAND_PATH, HOURS_PATH, CLUSTER_PATH = map(PATHS.index, ("brands", "hours", "cluster"))

Ids = npt.NDArray[np.uint32]
Shares = npt.NDArray[np.float64]


@compiled
def detect_changes(
    row: Row,
    rules: Rules,
    centres: npt.NDArray[np.int16],
    centre_ids: npt.NDArray[np.int64],
    detections: Detections,
    count: int,
) -> tuple[int, int]:
    """Run all detectors in the order of `PATHS`; returns the number of notes, and of changes held back."""
    suppressed = 0
    for scale in range(SCALE_COUNT):
        count, late = _topics(row, scale, rules, detections, count)
        suppressed += late
    count, late = _brands(row, rules, detections, count)
    suppressed += late
    count, late = judge_band(row, max(row.seen_ms, row.judged_ms), 1.0, rules, detections, count)
    suppressed += late
    count, late = _part_of_day(row, rules, detections, count)
    suppressed += late
    if len(centres) > 0 and row.mass[LONG] >= rules.cluster_min_mass:
        count, late = _cluster(row, rules, centres, centre_ids, detections, count)
        suppressed += late
    return count, suppressed


@compiled
def _leaders(
    ids: Ids, shares: Shares, enough: Shares, published: Ids, enter: float, leave: float, hold: float, chosen: Ids
) -> None:
    """Write into `chosen` (k,) what should be said: what enters above `enter` or stays above `leave`, largest first.

    `enough` is positive where there is weight enough to enter; what is said counts `hold` times its share against what
    would push it out.
    """
    for rank in range(len(chosen)):
        chosen[rank] = 0
        best = -1.0
        for at in range(len(ids)):
            is_published = _has(published, ids[at])
            stands = shares[at] >= leave if is_published else shares[at] >= enter and enough[at] >= 0.0
            weight = shares[at] * hold if is_published else shares[at]
            if ids[at] != 0 and stands and weight > best and not _has(chosen[:rank], ids[at]):
                chosen[rank], best = ids[at], weight


@compiled
def _enters(chosen: Ids, published: Ids) -> bool:
    """Whether one is chosen that was not said."""
    for at in range(len(chosen)):
        if chosen[at] != 0 and not _has(published, chosen[at]):
            return True
    return False


@compiled
def _has(ids: Ids, one: int) -> bool:
    for at in range(len(ids)):
        if ids[at] == one:
            return True
    return False


@compiled
def _same_set(a: Ids, b: Ids) -> bool:
    """Whether two lists hold the same ids, whatever their order; 0 stands for none."""
    for at in range(len(a)):
        if (a[at] != 0 and not _has(b, a[at])) or (b[at] != 0 and not _has(a, b[at])):
            return False
    return True


@compiled
def _topics(row: Row, scale: int, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    shares, enough = np.empty(TOPICS), np.empty(TOPICS)
    total = 0.0
    for at in range(TOPICS):
        total += row.topic_mass[scale][at]
    total = max(total, row.mass[scale])
    for at in range(TOPICS):
        shares[at] = row.topic_mass[scale][at] / total if total > 0 else 0.0
        enough[at] = row.topic_mass[scale][at] - rules.interests_min_mass[scale]
    enter, leave = rules.interests_enter_share[scale], rules.interests_exit_share[scale]
    chosen = np.empty(TOPICS_PUBLISHED, np.uint32)
    published = row.published_topic[scale]
    _leaders(row.topic, shares, enough, published, enter, leave, rules.interests_incumbent_factor, chosen)
    judged = total >= rules.interests_leave_mass_factor * rules.interests_min_mass[scale]
    if _same_set(chosen, published) or not (judged or _enters(chosen, published)):
        return count, 0
    if not is_due(row, scale, rules.interests_interval_s[scale]):
        return count, 1
    _record_set(detections[count], scale, published, chosen, row.topic, shares, enter, leave)
    return count + 1, 0


@compiled
def _brands(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    shares, enough = np.empty(BRANDS), np.empty(BRANDS)
    total = 0.0
    for at in range(BRANDS):
        total += row.brand_mass[at]
    for at in range(BRANDS):
        shares[at] = row.brand_mass[at] / total if total > 0 else 0.0
        enough[at] = row.brand_mass[at] - rules.brands_min_mass
    chosen = np.empty(BRANDS_PUBLISHED, np.uint32)
    enter, leave = rules.brands_enter_share, rules.brands_exit_share
    _leaders(row.brand, shares, enough, row.published_brand, enter, leave, rules.interests_incumbent_factor, chosen)
    judged = total >= rules.interests_leave_mass_factor * rules.brands_min_mass
    if _same_set(chosen, row.published_brand) or not (judged or _enters(chosen, row.published_brand)):
        return count, 0
    if not is_due(row, BRAND_PATH, rules.brands_interval_s):
        return count, 1
    _record_set(detections[count], BRAND_PATH, row.published_brand, chosen, row.brand, shares, enter, leave)
    return count + 1, 0


@compiled
def _record_set(
    detection: Row, about: int, published: Ids, chosen: Ids, ids: Ids, shares: Shares, enter: float, leave: float
) -> None:
    """Note a change of a set of ids, with the largest share of those that entered, or else of those that left."""
    entered, left = 0.0, 0.0
    for at in range(len(ids)):
        if _has(chosen, ids[at]) and not _has(published, ids[at]):
            entered = max(entered, shares[at])
        elif _has(published, ids[at]) and not _has(chosen, ids[at]):
            left = max(left, shares[at])
    detection.about = about
    detection.observed = entered if entered > 0.0 else left
    detection.threshold = enter if entered > 0.0 else leave
    for at in range(TOPICS_PUBLISHED):
        detection.before[at] = published[at] if at < len(published) else 0
        detection.after[at] = chosen[at] if at < len(published) else 0
    for at in range(len(published)):
        published[at] = chosen[at]


@compiled
def _part_of_day(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    before, best, largest = int(row.published_part_of_day), 0, 0
    published_share = 0
    for part in range(4):
        share = 0
        for hour in range(part * 6, part * 6 + 6):
            share += int(row.hours[hour])
        if share > largest:
            best, largest = part + 1, share
        if part + 1 == before:
            published_share = share
    after = 0
    known = row.hours_mass >= rules.hours_least_mass and row.seen_ms - row.first_ms >= rules.hours_least_days * DAY_MS
    moves = best == before or largest >= published_share * rules.interests_incumbent_factor
    if known and moves and largest >= rules.hours_enter_share * VECTOR_ONE:
        after = best
    elif before > 0 and published_share >= rules.hours_exit_share * VECTOR_ONE:
        after = before
    if after == before or is_corrected(row, DAYPART):
        return count, 0
    if not is_due(row, HOURS_PATH, rules.hours_interval_s):
        return count, 1
    threshold = rules.hours_enter_share if after > 0 else rules.hours_exit_share
    observed = (largest if after > 0 else published_share) / VECTOR_ONE
    record_detection(detections[count], HOURS_PATH, before, after, threshold, observed)
    row.published_part_of_day = after
    return count + 1, 0


@compiled
def _cluster(
    row: Row,
    rules: Rules,
    centres: npt.NDArray[np.int16],
    centre_ids: npt.NDArray[np.int64],
    detections: Detections,
    count: int,
) -> tuple[int, int]:
    """The nearest centre by Euclid, in integers. A profile whose cluster the model still has moves only by the margin.

    The margin is the share by which the nearest centre is nearer than that of the profile's own cluster; for a profile
    without one, than the second nearest.
    """
    direction = np.empty(centres.shape[1], np.int16)
    long_direction(row, direction)
    nearest, first, second, own = 0, -1, -1, -1
    for centre in range(centres.shape[0]):
        square = 0
        for at in range(centres.shape[1]):
            off = int(direction[at]) - int(centres[centre][at])
            square += off * off
        if centre_ids[centre] == row.cluster:
            own = square
        if first < 0 or square < first:
            nearest, first, second = centre, square, first
        elif second < 0 or square < second:
            second = square
    other = own if own >= 0 else second
    margin = 1.0 - math.sqrt(first) / math.sqrt(other) if other > 0 else (1.0 if other < 0 else 0.0)
    before, after = int(row.cluster), int(centre_ids[nearest])
    if after == before or (own >= 0 and margin < rules.cluster_margin):
        return count, 0
    if not is_due(row, CLUSTER_PATH, rules.cluster_interval_s):
        return count, 1
    record_detection(detections[count], CLUSTER_PATH, before, after, rules.cluster_margin, margin)
    row.cluster = after
    return count + 1, 0
