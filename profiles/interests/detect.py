"""Change detection for the topics of each scale and for favoured brands: current shares against the published set.

Each detector compares the two. If a change is due, it marks the change as published in the row and records a detection.
It returns 1 for a change that is true but not yet due; that change is checked again at the profile's next activity.
"""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.detections import Detections
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import is_due
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.scratch import digests, floats
from liveprofile.profiles.state.row import BRANDS, BRANDS_PUBLISHED, PATHS, TOPICS, TOPICS_PUBLISHED, Row

BRAND_PATH = PATHS.index("brands")

Ids = npt.NDArray[np.uint32]
Shares = npt.NDArray[np.float64]


@compiled
def detect_topics(row: Row, scale: int, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """Publish a change of the topics at a scale, if they crossed their thresholds and are due."""
    shares, enough = floats(TOPICS), floats(TOPICS)
    total = 0.0
    for at in range(TOPICS):
        total += row.topic_mass[scale][at]
    total = max(total, row.mass[scale])
    for at in range(TOPICS):
        shares[at] = row.topic_mass[scale][at] / total if total > 0 else 0.0
        enough[at] = row.topic_mass[scale][at] - rules.interests_min_mass[scale]
    enter, leave = rules.interests_enter_share[scale], rules.interests_exit_share[scale]
    chosen = digests(TOPICS_PUBLISHED)
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
def detect_brands(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """Publish a change of the favoured brands, if they crossed their thresholds and are due."""
    shares, enough = floats(BRANDS), floats(BRANDS)
    total = 0.0
    for at in range(BRANDS):
        total += row.brand_mass[at]
    for at in range(BRANDS):
        shares[at] = row.brand_mass[at] / total if total > 0 else 0.0
        enough[at] = row.brand_mass[at] - rules.brands_min_mass
    chosen = digests(BRANDS_PUBLISHED)
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
def _leaders(
    ids: Ids, shares: Shares, enough: Shares, published: Ids, enter: float, leave: float, hold: float, chosen: Ids
) -> None:
    """Write into `chosen` (k,) the set to publish: ids that enter above `enter` or stay above `leave`, largest first.

    `enough` is positive if the weight suffices to enter; a published id counts `hold` times its share against a
    candidate that would replace it.
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
    """Whether an id is chosen that was not published."""
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
def _record_set(
    detection: Row, about: int, published: Ids, chosen: Ids, ids: Ids, shares: Shares, enter: float, leave: float
) -> None:
    """Record a change of a set of ids, with the largest share of those that entered, or else of those that left."""
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
