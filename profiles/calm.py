"""When anomalies are over by time alone: scores that decay below their exit threshold."""

from profiles.anomalies import DRIFT, SPEND, VELOCITY, note_step, velocity_score
from profiles.compiled import compiled
from profiles.exact import log2, remaining
from profiles.notes import Notes
from profiles.policy import Rules
from profiles.row import Row

NEVER = 1 << 62


@compiled
def score_at(row: Row, kind: int, time_ms: int, rules: Rules) -> float:
    """The score of an open anomaly at a moment not before the newest activity."""
    elapsed_ms = time_ms - row.seen_ms
    if kind == VELOCITY:
        burst = row.burst * remaining(elapsed_ms, rules.burst_half_life_s)
        usual = row.usual * remaining(elapsed_ms, rules.short_half_life_s)
        return float(velocity_score(burst, usual, rules))
    if kind == SPEND:
        return float(row.alarm_score[SPEND] * remaining(elapsed_ms, rules.spend_score_half_life_s))
    left = row.mass[0] * remaining(elapsed_ms, rules.session_half_life_s)
    return float(row.alarm_score[DRIFT]) if left >= rules.drift_least_session_mass else 0.0


@compiled
def exit_of(kind: int, rules: Rules) -> float:
    """The score below which an anomaly is over."""
    return float(rules.velocity_exit if kind == VELOCITY else rules.spend_exit if kind == SPEND else rules.drift_exit)


@compiled
def clear_due(row: Row, time_ms: int, rules: Rules, notes: Notes, count: int) -> int:
    """Clear the open anomalies that have calmed down by `time_ms`; returns the number of notes."""
    for kind in range(3):
        score = score_at(row, kind, time_ms, rules) if row.alarm_s[kind] != 0 else 0.0
        if row.alarm_s[kind] != 0 and score < exit_of(kind, rules):
            since = row.alarm_s[kind]
            row.alarm_s[kind] = 0
            note_step(row, kind, False, since, score, notes[count])
            count += 1
    return count


@compiled
def next_clear_ms(row: Row, after_ms: int, rules: Rules) -> int:
    """The first moment after `after_ms` at which an open anomaly is over; `NEVER` where none is open."""
    best = NEVER
    for kind in range(3):
        if row.alarm_s[kind] != 0:
            best = min(best, _clear_ms(row, kind, after_ms, rules))
    return best


@compiled
def _clear_ms(row: Row, kind: int, after_ms: int, rules: Rules) -> int:
    """The first millisecond at which the score is below its exit, by bisection up to where it must be."""
    low, high, leave = after_ms, after_ms + 1, exit_of(kind, rules)
    if score_at(row, kind, low, rules) < leave:
        return high
    if leave <= 0.0:
        return NEVER
    longest_s = max(rules.spend_score_half_life_s, rules.session_half_life_s, rules.burst_half_life_s)
    most = max(row.burst, row.alarm_score[SPEND] / leave, row.mass[0] / rules.drift_least_session_mass, 2.0)
    high = max(low, row.seen_ms) + int(longest_s * 1000.0 * (log2(most) + 1.0)) + 2
    if score_at(row, kind, high, rules) >= leave:
        return NEVER
    while high - low > 1:
        middle = (low + high) // 2
        if score_at(row, kind, middle, rules) < leave:
            high = middle
        else:
            low = middle
    return int(high)
