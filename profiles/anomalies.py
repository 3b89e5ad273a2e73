"""Anomalies: scores of how far behaviour is from this shopper's own usual, and their life from raised to cleared.

Score and decision are apart: velocity, spend and drift give numbers, `_decide` opens and closes with hysteresis.
The usual drift is not learnt while a drift is open; an order far off moves the usual order by little (see `spend`), and
a burst is lost among the events of a week.
"""

from profiles.compiled import compiled
from profiles.drift import distance_from_earlier, drift, new_share
from profiles.exact import exp2, log2, remaining
from profiles.moment import now_s
from profiles.notes import ANOMALY, EARLIER, Notes
from profiles.policy import Rules
from profiles.row import Row, Rows

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
        _note(row, kind, True, now, score, notes[count])
        return count + 1
    if since != 0 and score < leave:
        row.alarm_s[kind] = 0
        _note(row, kind, False, since, score, notes[count])
        return count + 1
    return count


@compiled
def _note(row: Row, kind: int, raised: bool, since_s: int, score: float, note: Row) -> None:
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


@compiled
def pass_time(rows: Rows, first: int, time_ms: int, offset: int, rules: Rules, notes: Notes) -> tuple[int, int]:
    """What a tick does: open anomalies of rows from `first` on whose scores have decayed are cleared.

    Stops when `notes` is nearly full. Returns the row to go on from, and the number of notes; a note's `event` is the
    place of the profile.
    """
    count = 0
    for place in range(first, len(rows)):
        row = rows[place]
        if row.applied >= offset or (row.alarm_s[0] == 0 and row.alarm_s[1] == 0 and row.alarm_s[2] == 0):
            continue
        if count + 3 > len(notes):
            return place, count
        before = count
        count = _clear_decayed(row, time_ms, rules, notes, count)
        for at in range(before, count):
            row.applied = offset
            notes[at].event, notes[at].weight = place, 0.0
            for earlier in range(EARLIER):
                notes[at].earlier_source[earlier], notes[at].earlier_s[earlier] = 0, 0
    return len(rows), count


@compiled
def _clear_decayed(row: Row, time_ms: int, rules: Rules, notes: Notes, count: int) -> int:
    """Clear the open anomalies of one profile that have calmed down by `time_ms`."""
    elapsed_ms = time_ms - row.seen_ms
    burst = row.burst * remaining(elapsed_ms, rules.burst_half_life_s)
    usual = row.usual * remaining(elapsed_ms, rules.short_half_life_s)
    session_mass = row.mass[0] * remaining(elapsed_ms, rules.session_half_life_s)
    velocity = velocity_score(burst, usual, rules)
    spend = row.alarm_score[SPEND] * remaining(elapsed_ms, rules.spend_score_half_life_s)
    fresh = session_mass >= rules.drift_least_session_mass
    drift_left = row.alarm_score[DRIFT] if fresh else 0.0
    for kind, score, leave in (
        (VELOCITY, velocity, rules.velocity_exit),
        (SPEND, spend, rules.spend_exit),
        (DRIFT, drift_left, rules.drift_exit),
    ):
        if row.alarm_s[kind] != 0 and score < leave:
            since = row.alarm_s[kind]
            row.alarm_s[kind] = 0
            _note(row, kind, False, since, score, notes[count])
            count += 1
    return count
