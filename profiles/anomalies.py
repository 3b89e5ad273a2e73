"""Anomalies: scores of how far behaviour is from this shopper's own usual, and their life from raised to cleared.

Score and decision are apart: velocity, spend and drift give numbers, `_decide` opens and closes with hysteresis.
The usual drift is not learnt while a drift is open; an order far off moves the usual order by little (see `spend`), and
a burst is lost among the events of a week.
"""

from profiles.compiled import compiled
from profiles.drift import distance_from_earlier, drift, new_share
from profiles.exact import exp2, log2, remaining
from profiles.moment import now_s
from profiles.notes import ANOMALY, Notes
from profiles.policy import Rules
from profiles.row import Row

VELOCITY, SPEND, DRIFT = 0, 1, 2
"""Places in `ANOMALIES`."""
DRIFT_STEP = 0.05
"""Weight of one event in the shopper's usual drift."""
FIRST_DRIFT, FIRST_DRIFT_SPREAD, LEAST_DRIFT_SPREAD = 0.2, 0.15, 0.1
LOG2_OF_100 = 6.643856189774724


@compiled
def velocity_score(burst: float, usual: float, rules: Rules) -> float:
    """log2 of the fast event rate over the usual one, both as decayed counts of the burst half-life."""
    expected = usual * (rules.burst_half_life_s / rules.short_half_life_s)
    return log2((burst + 1.0) / (expected + 1.0))


@compiled
def drift_score(row: Row, distance: float) -> float:
    """How many deviations the drift is from this shopper's usual one; 0 where it was not judged."""
    if distance < 0.0:
        return 0.0
    score: float = (distance - row.drift_usual) / max(row.drift_spread, LEAST_DRIFT_SPREAD)
    return score


@compiled
def detect_anomalies(
    row: Row, event: Row, pause_ms: int, spend_z: float, usual_order: float, rules: Rules, notes: Notes, count: int
) -> int:
    """Score the profile after its activity was applied, decide, and learn its usual drift if it is calm.

    `usual_order` is log2 of what was usual before an order, minor units.
    """
    if row.events == 1:
        row.drift_usual, row.drift_spread = FIRST_DRIFT, FIRST_DRIFT_SPREAD
    now = now_s(row)
    velocity = velocity_score(row.burst, row.usual, rules)
    may_open = row.burst >= rules.velocity_least_events and velocity >= rules.velocity_enter
    count = _decide(row, VELOCITY, velocity, may_open, rules.velocity_exit, now, notes, count)
    spend = max(row.alarm_score[SPEND] * remaining(pause_ms, rules.spend_score_half_life_s), spend_z)
    before = count
    count = _decide(row, SPEND, spend, spend_z >= rules.spend_enter, rules.spend_exit, now, notes, count)
    if count > before:
        notes[before].signals[1] = exp2(usual_order - LOG2_OF_100)
        notes[before].signals[2] = event.order_total / 100.0
    distance = drift(row, rules)
    score = drift_score(row, distance)
    may_open = distance >= rules.drift_least_distance and score >= rules.drift_enter
    count = _decide(row, DRIFT, score, may_open, rules.drift_exit, now, notes, count)
    if distance >= 0.0 and row.alarm_s[DRIFT] == 0:
        _learn_usual_drift(row, distance)
    return count


@compiled
def _decide(row: Row, kind: int, score: float, may_open: bool, leave: float, now: int, notes: Notes, count: int) -> int:
    """Open an anomaly that may, close one whose score fell below `leave`, keep the score; returns the notes' number."""
    since = row.alarm_s[kind]
    row.alarm_score[kind] = score
    if since == 0 and may_open:
        row.alarm_s[kind] = now
        row.alarm_count[kind] += 1
        note_step(row, kind, True, now, score, notes[count])
        return count + 1
    if since != 0 and score < leave:
        row.alarm_s[kind] = 0
        note_step(row, kind, False, since, score, notes[count])
        return count + 1
    return count


@compiled
def note_step(row: Row, kind: int, raised: bool, since_s: int, score: float, note: Row) -> None:
    """Note a step of an anomaly, with the numbers that a person wants to know."""
    note.about, note.raised, note.version = ANOMALY + kind, raised, row.alarm_count[kind]
    note.since_s, note.observed = since_s, score
    if kind == VELOCITY:
        note.signals[0], note.signals[1] = row.burst, row.usual
    elif kind == SPEND:
        note.signals[0] = score
    else:
        note.signals[0], note.signals[1] = distance_from_earlier(row), new_share(row, 1.0)
        note.signals[2] = row.drift_usual


@compiled
def _learn_usual_drift(row: Row, distance: float) -> None:
    """Exponentially weighted mean and deviation of the distance."""
    off = distance - row.drift_usual
    row.drift_usual += DRIFT_STEP * off
    row.drift_spread += DRIFT_STEP * (abs(off) * 1.2533 - row.drift_spread)
