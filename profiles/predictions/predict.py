"""Predictions: the probabilities that a shopper buys or leaves, and the training examples that wait for their label.

One example per task and profile waits in the row. Labels are released only when the horizon ends, even if known
earlier; otherwise the newest examples would all be positives.
"""

import numpy as np

from liveprofile.profiles.kernel.context import LABELLED, DetectionBuffers, Floats, FoldContext
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.visit import begins_visit
from liveprofile.profiles.numeric.exact import exp2, log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.scratch import floats, shorts
from liveprofile.profiles.predictions.inputs import HOUR_MS, Inputs, read_inputs, read_quiet
from liveprofile.profiles.predictions.publish import publish_probability
from liveprofile.profiles.predictions.scorecard import confidence_of, probability_of, score_of
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import (
    CHURN_TASK,
    LOCATION,
    PREDICTION_INPUTS,
    SESSION_TASK,
    TASKS,
    WEEK_TASK,
    Row,
)

LABELLED_EXAMPLE = np.dtype(
    [
        ("event", "<i4"),  # place of the activity in the batch; of the profile in the table, if time alone decided
        ("task", "u1"),
        ("label", "u1"),  # 1: it happened
        ("time_ms", "<i8"),  # when the label was released
        ("probability", "<f4"),  # the predicted probability; 0 if none
        ("input", "<i2", (PREDICTION_INPUTS,)),
    ],
)
MOST_PER_EVENT = 6
"""Maximum number of examples that one activity labels."""
SESSION, WEEK, CHURN = SESSION_TASK, WEEK_TASK, CHURN_TASK
PURCHASE = int(Action.PURCHASE)
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
SHORTEST, LONGEST = 0, 1
"""Places in `predictions_absence_days`."""
OWN_GAPS = 3.0
"""Usual pauses of a shopper after which an absence counts as churn, within the bounds of the policy."""
LONGEST_SILENCE_MS = 183 * DAY_MS
"""Absence after which no more churn examples are made: half a year."""
LEAST_PAUSE = 1.0 / 256.0
LONGEST_STEPS = 5.0
"""Number of powers of two in the range of session steps for examples."""
SHORTEST_QUIET_MS, LONGEST_QUIET = HOUR_MS // 2, 9.0
"""The shortest pause before an example is taken, and the number of powers of two up to the longest."""
EVENLY = 1.0 / 8.0
"""Share of the pauses that are drawn log-uniformly."""
AT_ONCE = 1.0 / 16.0
"""Share of the examples for a purchase within a week that are taken without a pause."""


@compiled
def predict(
    row: Row, event: Row, pause_ms: int, rules: Rules, context: FoldContext, buffers: DetectionBuffers, count: int
) -> tuple[int, int]:
    """After an activity was applied: release due labels, predict, and keep an example if one is due.

    Returns the number of detections, and of changes suppressed.
    """
    now_ms, whole = int(event.event_time_ms), event.line == 0
    if whole and pause_ms >= 0 and begins_visit(row, pause_ms, rules):
        hours = max(pause_ms, 0) / HOUR_MS
        row.session_pause = max(log2(1.0 + hours), LEAST_PAUSE) if row.events > 1 else 0.0
        row.pending_until_ms[SESSION] = min(row.pending_until_ms[SESSION], now_ms)
    resolve_labels(row, now_ms, buffers)
    _mark_label(row, event)
    if not whole or pause_ms < 0:
        return count, 0
    inputs, parts = shorts(PREDICTION_INPUTS), floats(PREDICTION_INPUTS)
    read_inputs(row, rules, inputs)
    suppressed = 0
    for task in range(len(TASKS)):
        probability = 0.0
        if context.scorecards.ready[task]:
            probability, evidence = probability_of(
                context.scorecards, task, score_of(context.scorecards, task, inputs, parts)
            )
            confidence = confidence_of(evidence, row.events)
            count, late = publish_probability(
                row, task, probability, confidence, parts, rules, context, buffers.detections, count
            )
            suppressed += late
        row.probability[task] = probability
    waits = row.pending_ms[SESSION] != 0
    if row.session_events == chosen_step(row.session_start_ms) and (not waits or _is_of_session(row, row.session)):
        _store_example(row, SESSION, 0, row.probability[SESSION], inputs, rules)
        row.pending_session = row.session
    if row.pending_ms[SESSION] != 0 and _is_of_session(row, event.session):
        row.pending_until_ms[SESSION] = now_ms + int(rules.session_gap_s * 1000) + 1
    for task in (WEEK, CHURN):
        _schedule_example(row, task, event.source, inputs, parts, rules, context)
    return count, suppressed


@compiled
def resolve_labels(row: Row, until_ms: int, buffers: DetectionBuffers) -> None:
    """Release the labels due by `until_ms`; the caller sets `event` of the new labelled examples."""
    for task in range(len(TASKS)):
        if row.pending_ms[task] != 0 and row.pending_until_ms[task] <= until_ms:
            example = buffers.labelled[buffers.filled[LABELLED]]
            example.task, example.label = task, row.pending_label[task]
            example.time_ms, example.probability = row.pending_until_ms[task], row.pending_probability[task]
            for at in range(PREDICTION_INPUTS):
                example.input[at] = row.pending_input[task][at]
            buffers.filled[LABELLED] += 1
            row.pending_ms[task] = 0
            row.pending_until_ms[task] = 0


@compiled
def next_label_ms(row: Row) -> int:
    """Time of the next label that `resolve_labels` releases; 0 for never."""
    soonest = 0
    for task in range(len(TASKS)):
        if row.pending_ms[task] != 0 and (soonest == 0 or row.pending_until_ms[task] < soonest):
            soonest = int(row.pending_until_ms[task])
    return soonest


@compiled
def absence_ms(row: Row, rules: Rules) -> int:
    """Absence that counts as churn: three of the shopper's own usual pauses, within bounds."""
    own_ms = OWN_GAPS * exp2(float(row.visit_gap[LOCATION])) * HOUR_MS if row.visit_gap[LOCATION] > 0.0 else 0.0
    bounds = rules.predictions_absence_days
    return int(min(max(own_ms, bounds[SHORTEST] * DAY_MS), bounds[LONGEST] * DAY_MS))


@compiled
def is_absent(row: Row, until_ms: int) -> bool:
    """Whether there was no activity since the churn example with a horizon that ends by `until_ms`."""
    due = row.pending_ms[CHURN] != 0 and row.pending_until_ms[CHURN] <= until_ms
    return bool(due and row.seen_ms <= row.pending_ms[CHURN])


@compiled
def reschedule_churn_example(row: Row, now_ms: int, rules: Rules, context: FoldContext) -> None:
    """Take another churn example of an absent shopper: long absences have to be learnt, too.

    During an absence only the pause changes, so the other inputs of the former example are still valid.
    """
    quiet_ms = now_ms - row.seen_ms
    if quiet_ms > LONGEST_SILENCE_MS:
        return
    inputs, parts, probability = shorts(PREDICTION_INPUTS), floats(PREDICTION_INPUTS), 0.0
    for at in range(PREDICTION_INPUTS):
        inputs[at] = row.pending_input[CHURN][at]
    read_quiet(row, quiet_ms, inputs)
    if context.scorecards.ready[CHURN]:
        probability, _ = probability_of(context.scorecards, CHURN, score_of(context.scorecards, CHURN, inputs, parts))
    _store_example(row, CHURN, quiet_ms, probability, inputs, rules)


@compiled
def _mark_label(row: Row, event: Row) -> None:
    """Update the pending labels with an activity, late or not."""
    now_ms = event.event_time_ms
    if event.action == PURCHASE and event.line == 0:
        for task in (SESSION, WEEK):
            counts = task != SESSION or _is_of_session(row, event.session)
            if counts and row.pending_ms[task] != 0 and row.pending_ms[task] < now_ms < row.pending_until_ms[task]:
                row.pending_label[task] = 1
    if row.pending_ms[CHURN] != 0 and now_ms > row.pending_ms[CHURN]:
        row.pending_label[CHURN] = 0


@compiled
def _is_of_session(row: Row, session: int) -> bool:
    """Whether the example for a purchase within a session waits for that one; without an id any counts."""
    return bool(session == 0 or row.pending_session == 0 or row.pending_session == session)


@compiled
def chosen_step(session_start_ms: int) -> int:
    """The session step of the example that is kept, 1 to 31, log-uniform, drawn before the session is observed.

    So at each step an equal share of all sessions that reach it is kept. A draw among the steps that happened would
    give short sessions, which rarely end in a purchase, too much weight.
    """
    return int(exp2(LONGEST_STEPS * _draw(session_start_ms, SESSION)))


@compiled
def quiet_ms_before(source: int, task: int) -> int:
    """Required pause after the activity of that source before an example is taken.

    Half an hour to 11 days, drawn in advance for the same reason; for a purchase also without a pause. Long pauses are
    drawn far more often, since most of them are cancelled by an activity; one in eight is drawn log-uniformly.
    """
    drawn = _draw(source, task)
    if task == WEEK:
        if drawn < AT_ONCE:
            return 0
        drawn = (drawn - AT_ONCE) / (1.0 - AT_ONCE)
    if drawn < EVENLY:
        drawn /= EVENLY
    else:
        drawn = np.sqrt(np.sqrt((drawn - EVENLY) / (1.0 - EVENLY)))
    return int(exp2(LONGEST_QUIET * drawn) * SHORTEST_QUIET_MS)


@compiled
def _draw(seed: int, task: int) -> float:
    """A number from 0 to below 1 that looks random: two rounds of SplitMix64 (Steele et al., OOPSLA 2014)."""
    mixed = np.uint64(seed) + np.uint64(task + 1) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float(np.int64(mixed >> np.uint64(40))) / 16_777_216.0


@compiled
def _schedule_example(
    row: Row, task: int, source: int, inputs: Inputs, parts: Floats, rules: Rules, context: FoldContext
) -> None:
    """Schedule an example for after a pause; an activity before then cancels it.

    The example is complete at once: in a pause nothing about a profile changes except the pause.
    """
    if row.pending_ms[task] > row.seen_ms:
        row.pending_ms[task] = 0
    if row.pending_ms[task] != 0:
        return
    quiet_ms, probability = quiet_ms_before(source, task), 0.0
    read_quiet(row, quiet_ms, inputs)
    if context.scorecards.ready[task]:
        probability, _ = probability_of(context.scorecards, task, score_of(context.scorecards, task, inputs, parts))
    _store_example(row, task, quiet_ms, probability, inputs, rules)


@compiled
def _store_example(row: Row, task: int, quiet_ms: int, probability: float, inputs: Inputs, rules: Rules) -> None:
    """Store an example until its label is known; a shopper who never returns has churned."""
    row.pending_ms[task] = row.seen_ms + quiet_ms
    row.pending_until_ms[task] = row.pending_ms[task] + (absence_ms(row, rules) if task == CHURN else WEEK_MS) + 1
    row.pending_label[task] = 1 if task == CHURN else 0
    row.pending_probability[task] = probability
    for at in range(PREDICTION_INPUTS):
        row.pending_input[task][at] = inputs[at]
