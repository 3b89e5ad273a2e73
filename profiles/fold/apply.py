"""The compiled loop over a batch: applies each activity to its profile, and records the detections."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.anomalies.detect import detect_anomalies
from liveprofile.profiles.anomalies.dormant import dormancy_score
from liveprofile.profiles.fold.buffers import has_room
from liveprofile.profiles.fold.counts import update_behaviour
from liveprofile.profiles.fold.detect import detect_changes
from liveprofile.profiles.fold.event_ids import remember_event_id
from liveprofile.profiles.fold.misdated import is_misdated, move_profile
from liveprofile.profiles.fold.order_lines import (
    are_lines_known,
    correct_line,
    find_line,
    keep_line,
    take_lines_back,
)
from liveprofile.profiles.fold.orders import (
    EDIT,
    FIRST,
    NOWHERE,
    REFUND,
    REPEAT,
    clear_ledger,
    counts_as_priced,
    find_order,
    open_order,
    refundable,
    short_source,
    what_it_is,
)
from liveprofile.profiles.fold.sessions import enter_session
from liveprofile.profiles.fold.spend import NO_ORDER, correct_spend, update_spend
from liveprofile.profiles.fold.timers import (
    FORGETS,
    NO_ROOM,
    assign_event,
    begin_again,
    fire_timers,
    make_stub,
    number_changes,
    set_timer,
)
from liveprofile.profiles.fold.update_traits import update_traits
from liveprofile.profiles.interests.decayed import long_direction, long_topic, update_interests
from liveprofile.profiles.interests.slots import update_slots
from liveprofile.profiles.items.co_occurrence import add_pairs
from liveprofile.profiles.kernel.context import DETECTIONS, ENTRIES, LABELLED, SESSIONS, DetectionBuffers, FoldContext
from liveprofile.profiles.kernel.decay import FACTORS, move_time
from liveprofile.profiles.kernel.detections import EARLIER
from liveprofile.profiles.kernel.order_values import count_order
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import may_judge, refill_publish_budget
from liveprofile.profiles.kernel.visit import begins_visit
from liveprofile.profiles.numeric.aliases import Factors, Numbers
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.scratch import floats
from liveprofile.profiles.predictions.cold_start_example import note_entry
from liveprofile.profiles.predictions.predict import predict
from liveprofile.profiles.segments.judge import apply_feedback, judge_segments
from liveprofile.profiles.state.arrays import ProfileArrays
from liveprofile.profiles.state.row import RECENT, Row

APPLIED, REPLAYED, DUPLICATES, SUPPRESSED, ERASED = range(5)
"""Places in the tally."""
NOTHING, CORRECTION, ACTIVITY = range(3)
"""Effects of an activity: its order has said all of it before, it corrects what its order said, or it is applied."""

Ints = npt.NDArray[np.int64]


@compiled
def apply_activities(
    profiles: ProfileArrays,
    places: Ints,
    events: npt.NDArray[np.void],
    offsets: Ints,
    first: int,
    numbers: Numbers,
    context: FoldContext,
    buffers: DetectionBuffers,
    order_counts: Ints,
    tally: Ints,
) -> int:
    """Apply activities (n,) from `first` on, in order, each to its profile at its place.

    Stops when `buffers` are nearly full, and returns the activity to continue from. `tally` counts the activities
    applied and skipped, `order_counts` the orders of the partition. Of an edited order, `events` are changed into what
    they add.
    """
    rules, state_decay, event_decay = numbers[0], floats(FACTORS), floats(FACTORS)
    rows, touched, ledgers, ledger_of = profiles.rows, profiles.touched, profiles.ledgers, profiles.ledger_of
    buffers.filled[:] = 0
    for at in range(first, len(events)):
        if not has_room(buffers):
            return at
        row, event, ledger = rows[places[at]], events[at], ledgers[ledger_of[places[at]]]
        if row.applied >= offsets[at]:
            tally[REPLAYED] += 1
            if event.order_total > 0 and counts_as_priced(ledger, event):
                count_order(order_counts, event.order_total)
            continue
        kind = what_it_is(row, ledger, event)
        if kind == REPEAT:
            tally[DUPLICATES] += 1
            continue
        before, labelled, sessions = buffers.filled[DETECTIONS], buffers.filled[LABELLED], buffers.filled[SESSIONS]
        if is_misdated(row, event):
            move_profile(row, event.event_time_ms)
        outcome = fire_timers(row, event.event_time_ms, rules, context, buffers)
        if outcome == FORGETS:
            make_stub(rows, places[at], profiles.blank)
            clear_ledger(ledger)
            touched[places[at]] = True
        assign_event(buffers, before, labelled, sessions, at)
        if outcome == NO_ROOM or not has_room(buffers):
            return at
        if row.forgotten != 0:
            if event.event_time_ms <= row.erased_ms:
                tally[ERASED] += 1
                continue
            begin_again(row)
            kind = what_it_is(row, ledger, event)
        touched[places[at]] = True
        row.applied = offsets[at]
        before, entered = buffers.filled[DETECTIONS], buffers.filled[ENTRIES]
        effect, order, placed_ms = _take_order(row, ledger, event, kind, rules, context, order_counts)
        tally[DUPLICATES if effect == NOTHING else APPLIED] += 1
        if effect != NOTHING:
            tally[SUPPRESSED] += _apply(
                row, event, effect, order, placed_ms, rules, context, buffers, state_decay, event_decay
            )
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
def _take_order(
    row: Row, ledger: Row, event: Row, kind: int, rules: Rules, context: FoldContext, order_counts: Ints
) -> tuple[int, tuple[float, float, float], int]:
    """Take an activity into its order, if it has one.

    Returns its effect (an activity, a correction or nothing), what `correct_spend` returned, and the time of the order
    that a refund is of, 0 if it is not known.
    """
    if kind == EDIT:
        effect, order = _take_edit(row, ledger, event, rules, context, order_counts)
        return effect, order, 0
    placed_ms = 0
    if kind == FIRST:
        place = open_order(ledger, event) if event.line == 0 else find_order(ledger, event.order)
        keep_line(ledger, place, event)
        if event.line == 0 and event.order_total > 0:
            count_order(order_counts, event.order_total)
    elif event.action == REFUND and event.order != 0:
        place = find_order(ledger, event.order)
        if place != NOWHERE and event.line == 0:
            event.order_total = refundable(ledger, place, event.order_total)
            ledger.order_refunded[place] += event.order_total
            ledger.order_refund[place] = short_source(event.source)
            placed_ms = int(ledger.order_placed_ms[place])
    return ACTIVITY, NO_ORDER, placed_ms


@compiled
def _take_edit(
    row: Row, ledger: Row, event: Row, rules: Rules, context: FoldContext, order_counts: Ints
) -> tuple[int, tuple[float, float, float]]:
    """Correct the profile by a line of a later version of an order; a line that is new counts as bought back then."""
    place, weight, changed = find_order(ledger, event.order), rules.action_weights[event.action], False
    order = NO_ORDER
    if event.line == 0:
        before = ledger.order_total[place]
        order = correct_spend(row, ledger, place, event, rules, context)
        changed = ledger.order_total[place] != before
        if changed and before == 0:
            count_order(order_counts, event.order_total)
        ledger.order_said_ms[place], ledger.order_source[place] = event.event_time_ms, short_source(event.source)
        remember_event_id(row, event)
    at = find_line(ledger, event)
    if are_lines_known(ledger, place):
        if at >= 0:
            changed = correct_line(row, ledger, place, at, event, rules) or changed
        else:
            keep_line(ledger, place, event)
        if event.line + 1 >= event.lines:
            changed = take_lines_back(row, ledger, place, event, weight, rules) or changed
        if at < 0:
            event.line, event.event_time_ms = max(event.line, 1), ledger.order_placed_ms[place]
            event.session = 0
            return ACTIVITY, order
    return CORRECTION if changed else NOTHING, order


@compiled
def _apply(
    row: Row,
    event: Row,
    effect: int,
    order: tuple[float, float, float],
    placed_ms: int,
    rules: Rules,
    context: FoldContext,
    buffers: DetectionBuffers,
    state_decay: Factors,
    event_decay: Factors,
) -> int:
    """Apply one activity to one profile, or judge it after a correction; returns the number of changes suppressed."""
    pause_ms, asleep, begins, is_activity = 0, 0.0, False, effect == ACTIVITY
    before = buffers.filled[DETECTIONS]
    if is_activity:
        weight = rules.action_weights[event.action]
        pause_ms = move_time(row, event, rules, state_decay, event_decay)
        asleep = dormancy_score(row, pause_ms, rules)
        session = enter_session(row, event, pause_ms, rules)
        add_pairs(row, event, row.applied, rules, buffers)
        update_interests(row, event, weight, state_decay, event_decay)
        update_slots(row, event, weight, rules, state_decay, event_decay)
        found = update_spend(row, event, placed_ms, rules, context, state_decay, event_decay)
        order = found if event.line == 0 else order
        update_traits(row, event, pause_ms, session, rules, context, state_decay, event_decay)
        update_behaviour(row, event, session[0], state_decay, event_decay)
        begins = begins_visit(row, pause_ms, rules)
        note_entry(row, buffers)
        refill_publish_budget(row, event, pause_ms, rules)
    count, suppressed = detect_changes(row, event, rules, context, buffers.detections, before)
    if is_activity:
        count, later = predict(row, event, pause_ms, rules, context, buffers, count)
        suppressed += later
    if is_activity or order[0] != 0.0:
        count = detect_anomalies(
            row, event, begins, asleep, order, rules, context.anomaly_model, context.utc_offsets, buffers, count
        )
    if is_activity:
        apply_feedback(row, event, context.compiled_rules)
    now_ms = max(row.seen_ms, row.judged_ms)
    judged = count > before or not is_activity or may_judge(row, rules)
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
