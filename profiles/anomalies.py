"""Anomalies: scores of how far behaviour is from this shopper's own usual, and their life from raised to cleared.

Score and decision are apart: `velocity`, `spend` and `drift` give numbers, `decide` opens and closes with hysteresis.
What happens while an anomaly is open is not learnt as usual.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiles.exact import Floats, log2, remaining
from profiles.interests import cosine_distance
from profiles.policy import Policy
from profiles.row import ANOMALIES, Rows
from profiles.wave import Bools, Wave

VELOCITY, SPEND, DRIFT = range(len(ANOMALIES))
DRIFT_STEP = 0.02
"""Weight of one event in the shopper's usual drift."""
FIRST_DRIFT, FIRST_DRIFT_SPREAD, LEAST_DRIFT_SPREAD = 0.25, 0.12, 0.04


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided for each kind of anomaly in a wave: arrays (n, kinds)."""

    raised: Bools
    cleared: Bools

    def steps(self) -> Iterator[tuple[int, int, bool]]:
        """Place in the wave, kind, and true for raised, for each anomaly that took a step."""
        for place, kind in np.argwhere(self.raised | self.cleared):
            yield int(place), int(kind), bool(self.raised[place, kind])


def velocity_score(burst: npt.NDArray[np.float64], usual: npt.NDArray[np.float64], policy: Policy) -> Floats:
    """log2 of the fast event rate over the usual one, both as decayed counts of the burst half-life."""
    expected = usual * (policy.burst_half_life_s / policy.short_half_life_s)
    return log2((burst + 1.0) / (expected + 1.0))


def drift_score(rows: Rows, session_mass: npt.NDArray[np.float64], policy: Policy) -> tuple[Floats, Floats]:
    """Cosine distance (n,) of session and long interest, and how far it is from usual; 0 where too little is known."""
    judged = (session_mass >= policy.drift_least_session_mass) & (rows["mass"][:, 2] >= policy.drift_least_long_mass)
    at = np.flatnonzero(judged)
    distance, score = np.zeros(len(rows)), np.zeros(len(rows))
    if len(at):
        interest = rows["interest"][at]
        distance[at] = cosine_distance(interest[:, 0], interest[:, 2])
        spread = np.maximum(rows["drift_spread"][at], LEAST_DRIFT_SPREAD)
        score[at] = (distance[at] - rows["drift_usual"][at]) / spread
    return distance, score


def update_anomalies(wave: Wave, spend_z: Floats, policy: Policy) -> Verdict:
    """Score the wave after its activities were applied, decide, and learn the usual drift of those that are calm."""
    rows = wave.rows
    rows["drift_usual"][wave.first], rows["drift_spread"][wave.first] = FIRST_DRIFT, FIRST_DRIFT_SPREAD
    distance, drift = drift_score(rows, rows["mass"][:, 0].astype(np.float64), policy)
    scores = np.zeros((len(rows), len(ANOMALIES)))
    scores[:, VELOCITY] = velocity_score(rows["burst"].astype(np.float64), rows["usual"].astype(np.float64), policy)
    fading = remaining(wave.pause_ms, policy.spend_score_half_life_s) * rows["alarm_score"][:, SPEND]
    scores[:, SPEND] = np.maximum(fading, spend_z)
    scores[:, DRIFT] = drift
    may_open = np.ones_like(scores, dtype=bool)
    may_open[:, VELOCITY] = rows["burst"] >= policy.velocity_least_events
    may_open[:, SPEND] = spend_z >= policy.spend_enter
    may_open[:, DRIFT] = distance >= policy.drift_least_distance
    verdict = decide(rows, scores, may_open, wave.now_s, policy)
    _learn_usual_drift(rows, distance)
    return verdict


def decide(rows: Rows, scores: Floats, may_open: Bools, now_s: npt.NDArray[np.uint32], policy: Policy) -> Verdict:
    """Open above the enter threshold, close below the exit threshold, and keep the scores in the rows."""
    enter = np.array([policy.velocity_enter, policy.spend_enter, policy.drift_enter])
    leave = np.array([policy.velocity_exit, policy.spend_exit, policy.drift_exit])
    is_open = rows["alarm_s"] != 0
    raised = ~is_open & (scores >= enter) & may_open
    cleared = is_open & (scores < leave)
    rows["alarm_count"] += raised
    rows["alarm_s"] = np.where(raised, now_s[:, None], rows["alarm_s"])
    rows["alarm_score"] = scores
    return Verdict(raised, cleared)


def close_cleared(rows: Rows, verdict: Verdict) -> None:
    """Forget when cleared anomalies began, after their facts were written."""
    rows["alarm_s"] = np.where(verdict.cleared, 0, rows["alarm_s"])


def _learn_usual_drift(rows: Rows, distance: Floats) -> None:
    """Exponentially weighted mean and mean deviation, for those that are judged and calm."""
    calm = (distance > 0) & (rows["alarm_s"][:, DRIFT] == 0)
    off = np.where(calm, distance - rows["drift_usual"], 0.0)
    rows["drift_usual"] += DRIFT_STEP * off
    rows["drift_spread"] += np.where(calm, DRIFT_STEP * (np.abs(off) * 1.2533 - rows["drift_spread"]), 0.0)


def pass_time(rows: Rows, time_ms: int, policy: Policy) -> Verdict:
    """What a tick at `time_ms` does to rows with open anomalies: scores decay, and what has calmed down is cleared."""
    elapsed = time_ms - rows["seen_ms"]
    scores = np.zeros((len(rows), len(ANOMALIES)))
    burst = rows["burst"] * remaining(elapsed, policy.burst_half_life_s)
    usual = rows["usual"] * remaining(elapsed, policy.short_half_life_s)
    scores[:, VELOCITY] = velocity_score(burst, usual, policy)
    scores[:, SPEND] = rows["alarm_score"][:, SPEND] * remaining(elapsed, policy.spend_score_half_life_s)
    session_mass = rows["mass"][:, 0] * remaining(elapsed, policy.session_half_life_s)
    scores[:, DRIFT] = drift_score(rows, session_mass, policy)[1]
    peak = rows["alarm_score"].copy()
    never = np.zeros_like(scores, dtype=bool)
    verdict = decide(rows, scores, never, np.zeros(len(rows), np.uint32), policy)
    rows["alarm_score"] = peak
    return verdict
