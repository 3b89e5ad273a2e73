"""Timers: changes by time alone, each at its exact moment, whenever a tick or an activity fires them.

`due_ms` of a row is the next moment at which the profile may change without an activity. A tick fires all rows that are
due, each at its own due moments in order. An activity first fires what was due before it. So the facts do not depend on
the interval between ticks.

A profile without an activity for `forget_after_days` is forgotten at that moment: it becomes a stub, as by an erasure,
and the change says so. A later activity begins it anew, with the next version.
"""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.anomalies.timers import fire_anomalies, next_anomaly_ms
from liveprofile.profiles.fold.buffers import has_room
from liveprofile.profiles.fold.orders import clear_ledger
from liveprofile.profiles.fold.trait_timers import fire_traits, next_trait_ms
from liveprofile.profiles.kernel.context import DETECTIONS, LABELLED, SESSIONS, DetectionBuffers, FoldContext
from liveprofile.profiles.kernel.detections import ANOMALY, EARLIER, FORGOTTEN, record_detection
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import count_version, judges_again_ms
from liveprofile.profiles.numeric.aliases import Numbers
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.predictions.predict import is_absent, next_label_ms, reschedule_churn_example, resolve_labels
from liveprofile.profiles.segments.judge import judge_segments
from liveprofile.profiles.segments.transitions import NEVER, next_verdict_ms
from liveprofile.profiles.state.arrays import ProfileArrays
from liveprofile.profiles.state.row import Row, Rows

Places = npt.NDArray[np.int64]


NO_ROOM, DONE, FORGETS = range(3)
"""What `fire_timers` returns: the buffers are full, all is fired, or the profile is to become a stub."""
DAY_MS = 86_400_000


@compiled
def fire_timers(row: Row, until_ms: int, rules: Rules, context: FoldContext, buffers: DetectionBuffers) -> int:
    """Fire everything that was due by `until_ms`, in order.

    A profile that was judged by other rules is first judged by the rules in force. After FORGETS, the caller makes the
    profile a stub.
    """
    if row.events == 0 or row.erased_ms != 0:
        return DONE
    forgets_ms = forget_moment(row, rules)
    if row.rules != context.compiled_rules.version and forgets_ms > max(row.judged_ms, row.seen_ms):
        if not has_room(buffers):
            return NO_ROOM
        _fire(row, max(row.judged_ms, row.seen_ms, context.compiled_rules.since_ms), rules, context, buffers)
    while row.due_ms != 0 and row.due_ms <= until_ms and row.due_ms < forgets_ms:
        if not has_room(buffers):
            return NO_ROOM
        _fire(row, row.due_ms, rules, context, buffers)
    if forgets_ms > until_ms:
        return DONE
    if not has_room(buffers):
        return NO_ROOM
    _note_forgetting(row, forgets_ms, rules, buffers)
    return FORGETS


@compiled
def forget_moment(row: Row, rules: Rules) -> int:
    """When a profile is forgotten unless it has an activity before; NEVER if the shop keeps profiles for good."""
    if rules.forget_after_days <= 0.0:
        return NEVER
    return max(int(row.seen_ms + rules.forget_after_days * DAY_MS), int(row.judged_ms))


@compiled
def _note_forgetting(row: Row, time_ms: int, rules: Rules, buffers: DetectionBuffers) -> None:
    """Record the last version of the profile, which says that it is gone."""
    before = buffers.filled[DETECTIONS]
    detection = buffers.detections[before]
    record_detection(detection, FORGOTTEN, 0, 0, rules.forget_after_days, (time_ms - row.seen_ms) / DAY_MS)
    detection.at_ms, detection.weight = time_ms, 0.0
    for earlier in range(EARLIER):
        detection.earlier_source[earlier], detection.earlier_s[earlier] = 0, 0
    buffers.filled[DETECTIONS] = before + 1
    number_changes(row, rules, buffers, before, before + 1)
    row.judged_ms = time_ms


@compiled
def make_stub(rows: Rows, place: int, blank: Rows) -> None:
    """Make a forgotten profile a stub: it keeps what it has applied, its version and its moment."""
    row = rows[place]
    applied, version, erased_ms = row.applied, row.version, row.judged_ms
    rows[place] = blank[0]
    row = rows[place]
    row.applied, row.version, row.erased_ms, row.forgotten = applied, version, max(erased_ms, 1), 1


@compiled
def begin_again(row: Row) -> None:
    """Let a forgotten profile begin anew: blank, with its version."""
    row.erased_ms, row.forgotten = 0, 0


@compiled
def set_timer(row: Row, after: int, judged: bool, rules: Rules, context: FoldContext) -> None:
    """Compute when the profile is due after a moment at which it was judged, or had no publish budget left for that."""
    due = next_verdict_ms(row, after, rules, context.compiled_rules) if judged else judges_again_ms(row, rules)
    due = min(due, next_trait_ms(row, after, rules))
    for other in (next_anomaly_ms(row, rules), next_label_ms(row)):
        due = min(due, other) if other != 0 else due
    row.due_ms = max(due, after + 1) if due < NEVER else 0


@compiled
def _fire(row: Row, time_ms: int, rules: Rules, context: FoldContext, buffers: DetectionBuffers) -> None:
    """Fire all timers of one moment: one version of the profile, if anything is published."""
    before = buffers.filled[DETECTIONS]
    count = fire_traits(row, time_ms, rules, buffers.detections, before)
    count = fire_anomalies(row, time_ms, rules, buffers, count)
    away = is_absent(row, time_ms)
    resolve_labels(row, time_ms, buffers)
    if away:
        reschedule_churn_example(row, time_ms, rules, context)
    count = judge_segments(row, time_ms, rules, context.compiled_rules, buffers.detections, count)
    number_changes(row, rules, buffers, before, count)
    for at in range(before, count):
        detection = buffers.detections[at]
        detection.at_ms, detection.weight = time_ms, 0.0
        for earlier in range(EARLIER):
            detection.earlier_source[earlier], detection.earlier_s[earlier] = 0, 0
    buffers.filled[DETECTIONS] = count
    set_timer(row, time_ms, True, rules, context)


@compiled
def number_changes(row: Row, rules: Rules, buffers: DetectionBuffers, before: int, count: int) -> None:
    """Give the changes among the detections from `before` to `count` the profile's next version."""
    published = False
    for at in range(before, count):
        published = published or buffers.detections[at].about < ANOMALY
    if published:
        count_version(row, rules)
    for at in range(before, count):
        if buffers.detections[at].about < ANOMALY:
            buffers.detections[at].version = row.version


@compiled
def find_due(rows: Rows, until_ms: int, offset: int, version: int, numbers: Numbers, places: Places) -> int:
    """Write into `places` which rows a tick or an adoption at `offset` has to fire; returns how many."""
    count, rules = 0, numbers[0]
    for at in range(len(rows)):
        row = rows[at]
        if row.events == 0 or row.erased_ms != 0 or row.applied >= offset:
            continue
        is_due = row.due_ms != 0 and row.due_ms <= until_ms
        if row.rules != version or is_due or forget_moment(row, rules) <= until_ms:
            places[count] = at
            count += 1
    return count


@compiled
def assign_event(buffers: DetectionBuffers, detections: int, labelled: int, sessions: int, event: int) -> None:
    """Set the `event` of all records added after the counts given: the place of an activity, or of a profile."""
    for at in range(detections, buffers.filled[DETECTIONS]):
        buffers.detections[at].event = event
    for at in range(labelled, buffers.filled[LABELLED]):
        buffers.labelled[at].event = event
    for at in range(sessions, buffers.filled[SESSIONS]):
        buffers.sessions[at].event = event


@compiled
def pass_time(
    profiles: ProfileArrays,
    places: Places,
    first: int,
    until_ms: int,
    applied: int,
    numbers: Numbers,
    context: FoldContext,
    buffers: DetectionBuffers,
) -> int:
    """Fire the rows at `places` from `first` on, which then have applied `applied`; returns the place to continue from.

    It stops when `buffers` are nearly full. A detection's `event` is the place of the profile.
    """
    rules = numbers[0]
    buffers.filled[:] = 0
    for at in range(first, len(places)):
        row, detections = profiles.rows[places[at]], buffers.filled[DETECTIONS]
        labelled, sessions = buffers.filled[LABELLED], buffers.filled[SESSIONS]
        outcome = fire_timers(row, until_ms, rules, context, buffers)
        assign_event(buffers, detections, labelled, sessions, places[at])
        profiles.touched[places[at]] = True
        if outcome == NO_ROOM:
            return at
        row.applied = applied
        if outcome == FORGETS:
            make_stub(profiles.rows, places[at], profiles.blank)
            clear_ledger(profiles.ledgers[profiles.ledger_of[places[at]]])
    return len(places)
