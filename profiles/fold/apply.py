"""The compiled loop over a batch: applies each activity to its profile, and records the detections."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.anomalies.detect import detect_anomalies
from liveprofile.profiles.anomalies.dormant import dormancy_score
from liveprofile.profiles.fold.buffers import has_room
from liveprofile.profiles.fold.counts import is_duplicate, update_behaviour
from liveprofile.profiles.fold.detect import detect_changes
from liveprofile.profiles.fold.spend import update_spend
from liveprofile.profiles.fold.timers import assign_event, fire_timers, number_changes, set_timer
from liveprofile.profiles.fold.update_traits import update_traits
from liveprofile.profiles.interests.decayed import long_direction, long_topic, update_interests
from liveprofile.profiles.interests.slots import update_slots
from liveprofile.profiles.items.co_occurrence import add_pairs
from liveprofile.profiles.kernel.context import DETECTIONS, ENTRIES, LABELLED, SESSIONS, DetectionBuffers, FoldContext
from liveprofile.profiles.kernel.decay import move_time
from liveprofile.profiles.kernel.detections import EARLIER
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import may_judge, refill_publish_budget
from liveprofile.profiles.numeric.aliases import Factors
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.predictions.cold_start_example import note_entry
from liveprofile.profiles.predictions.predict import predict
from liveprofile.profiles.segments.judge import apply_feedback, judge_segments
from liveprofile.profiles.state.row import RECENT, Row, Rows

APPLIED, REPLAYED, DUPLICATES, SUPPRESSED = 0, 1, 2, 3
"""Places in the tally."""

Ints = npt.NDArray[np.int64]


@compiled
def apply_activities(
    rows: Rows,
    touched: npt.NDArray[np.bool_],
    places: Ints,
    events: npt.NDArray[np.void],
    offsets: Ints,
    first: int,
    rules: Rules,
    context: FoldContext,
    buffers: DetectionBuffers,
    tally: Ints,
) -> int:
    """Apply activities (n,) from `first` on, in order, each to its profile at `places` of `rows`.

    Stops when `buffers` are nearly full, and returns the activity to continue from. `tally` counts the activities
    applied and skipped.
    """
    state_decay, event_decay = np.empty(4), np.empty(4)
    buffers.filled[:] = 0
    for at in range(first, len(events)):
        if not has_room(buffers):
            return at
        row, event = rows[places[at]], events[at]
        if row.applied >= offsets[at]:
            tally[REPLAYED] += 1
            continue
        if is_duplicate(row, event):
            tally[DUPLICATES] += 1
            continue
        before, labelled, sessions = buffers.filled[DETECTIONS], buffers.filled[LABELLED], buffers.filled[SESSIONS]
        fired = fire_timers(row, event.event_time_ms, rules, context, buffers)
        assign_event(buffers, before, labelled, sessions, at)
        if not fired or not has_room(buffers):
            return at
        tally[APPLIED] += 1
        touched[places[at]] = True
        row.applied = offsets[at]
        before, entered = buffers.filled[DETECTIONS], buffers.filled[ENTRIES]
        tally[SUPPRESSED] += _apply(row, event, rules, context, buffers, state_decay, event_decay)
        assign_event(buffers, before, labelled, sessions, at)
        if buffers.filled[ENTRIES] > entered:
            buffers.entered[entered].event = at
        for detection in range(before, buffers.filled[DETECTIONS]):
            buffers.detections[detection].at_ms = 0
            buffers.detections[detection].weight = rules.action_weights[event.action]
            _record_earlier(row, event, rules, buffers.detections[detection])
            long_direction(row, buffers.directions[detection])
            buffers.topics[detection] = long_topic(row)
    return len(events)


@compiled
def _apply(
    row: Row,
    event: Row,
    rules: Rules,
    context: FoldContext,
    buffers: DetectionBuffers,
    state_decay: Factors,
    event_decay: Factors,
) -> int:
    """Apply one activity to one profile: timers, state, detections; returns the number of changes suppressed."""
    weight = rules.action_weights[event.action]
    pause_ms = move_time(row, event, rules, state_decay, event_decay)
    asleep = dormancy_score(row, pause_ms, rules)
    add_pairs(row, event, row.applied, rules, buffers)
    update_interests(row, event, weight, state_decay, event_decay)
    update_slots(row, event, weight, rules, state_decay, event_decay)
    order = update_spend(row, event, rules, context.order_location, context.order_spread, state_decay, event_decay)
    update_traits(row, event, pause_ms, rules, context, state_decay, event_decay)
    update_behaviour(row, event, pause_ms, rules, state_decay, event_decay)
    before = buffers.filled[DETECTIONS]
    note_entry(row, buffers)
    refill_publish_budget(row, event, pause_ms, rules)
    count, suppressed = detect_changes(row, event, rules, context, buffers.detections, before)
    count, later = predict(row, event, pause_ms, rules, context, buffers, count)
    suppressed += later
    count = detect_anomalies(row, event, asleep, order, rules, context.anomaly_model, buffers, count)
    apply_feedback(row, event, context.compiled_rules)
    now_ms = max(row.seen_ms, row.judged_ms)
    judged = count > before or may_judge(row, rules)
    if judged:
        count = judge_segments(row, now_ms, rules, context.compiled_rules, buffers.detections, count)
    number_changes(row, rules, buffers, before, count)
    set_timer(row, now_ms, judged, rules, context)
    buffers.filled[DETECTIONS] = count
    return int(suppressed)


@compiled
def _record_earlier(row: Row, event: Row, rules: Rules, detection: Row) -> None:
    """Record the newest earlier actions on the activity's topic, from the ring, as evidence."""
    filled, newest = 0, row.events - 1
    for at in range(EARLIER):
        detection.earlier_source[at], detection.earlier_s[at] = 0, 0
    for back in range(1, min(RECENT, row.events)):
        at = (newest - back) % RECENT
        same = row.recent_topic[at] == event.category and row.recent_source[at] != event.source
        if filled < EARLIER and same and row.recent_s[at] != 0:
            detection.earlier_source[filled], detection.earlier_s[filled] = row.recent_source[at], row.recent_s[at]
            detection.earlier_weight[filled] = rules.action_weights[row.recent_action[at]]
            filled += 1
