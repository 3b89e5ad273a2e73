"""All detectors of profile changes, in the order in which the publish budget is used up."""

from liveprofile.profiles.interests.cluster import detect_cluster
from liveprofile.profiles.interests.detect import detect_brands, detect_topics
from liveprofile.profiles.interests.detect_slots import detect_interests_apart
from liveprofile.profiles.kernel.context import FoldContext
from liveprofile.profiles.kernel.detect_statements import detect_declared
from liveprofile.profiles.kernel.detections import Detections
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.trait_calls import detect_first_traits, detect_traits
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.vocabulary import LONG
from liveprofile.profiles.state.row import SCALE_COUNT, Row


@compiled
def detect_changes(
    row: Row, event: Row, rules: Rules, context: FoldContext, detections: Detections, count: int
) -> tuple[int, int]:
    """Record every change that is true and due; returns the number of detections, and of changes suppressed.

    A suppressed change is checked again at the profile's next activity.
    """
    suppressed = 0
    for scale in range(SCALE_COUNT):
        count, late = detect_topics(row, scale, rules, detections, count)
        suppressed += late
    count, late = detect_brands(row, rules, detections, count)
    suppressed += late
    count, late = detect_first_traits(row, rules, detections, count)
    suppressed += late
    if len(context.centres) > 0 and row.mass[LONG] >= rules.cluster_min_mass:
        count, late = detect_cluster(row, rules, context.centres, context.centre_ids, detections, count)
        suppressed += late
    count, late = detect_interests_apart(row, rules, detections, count)
    suppressed += late
    count, late = detect_traits(row, rules, detections, count)
    suppressed += late
    count = detect_declared(row, event, detections, count)
    return count, suppressed
