"""The learner of the anomaly model: p-values of the detectors' scores, and the threshold that the alert budget allows.

An example is a session with the largest score of every detector. Decayed histograms of these scores give knots: for
each level, the least score that only 10^-level of usual sessions reach. The evidence of the latest sessions by these
knots gives the knots of the combination of all detectors. The threshold is the value above which as many usual
sessions lie as the alert budget allows.

Sessions with a raised anomaly are not learnt from, because they are not usual. They count against the budget with
their evidence, unless it was beyond doubt. Otherwise the threshold would sink with every version, because the
sessions above it would be missing from the next one. A detector that alone raises more than the whole budget has a
wrong baseline: it learns from the sessions that it raises, too. Evidence is limited by the number of sessions.
"""

from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

import numpy as np

from liveprofile.models.clusterers.port import StateMismatchError
from liveprofile.models.learners.evidence import LEAST_TENFOLD, LEVELS, PER_LEVEL, TAIL, Floats, evidence
from liveprofile.models.learners.half_space import HalfSpace

MOST = 8.0
LEAST = 1.0
"""Floor of the threshold."""
SAFETY = 0.5
"""Share of the budget that the threshold is set for: a margin, because future sessions differ from the learnt ones."""
BEYOND = 0.5
"""Evidence may exceed log10 of the number of sessions by this much."""
USUAL, RAISED, OTHER, FIRST, KIND_BITS = 0, 1, 2, 4, 3
"""Flags of a session: whether a detector or another rule raised an anomaly, the day's first session, the detector."""
BINS, PER_UNIT = 256, 8
"""Histograms of scores reach from 0 to 32, in steps of an eighth."""
PER_TENFOLD = 32
"""Steps per unit of the histogram of combined evidence, from 0 to 8."""


class AnomalyLearner:
    """Learns the detectors' p-values from sessions.

    Parameters
    ----------
    kind
        The kind of example of sessions.
    weights
        Weights of the detectors in their combination. A session has as many scores first, then the kind raised + 1 (0
        for none), 1 for the first session of the shopper's day, and `inputs` numbers from 0 to 1 for the trees.
    inputs
        Number of inputs of the trees.
    budget
        False alerts allowed per day and 1,000 active users.
    memory
        Half-life of a session, in sessions.
    recent
        Latest sessions on which the combination is measured.
    least
        Usual sessions before the first adoption.
    """

    what = name = "alarms"

    def __init__(
        self,
        kind: int,
        weights: Sequence[float],
        inputs: int,
        *,
        budget: float = 5.0,
        memory: int = 50_000,
        recent: int = 8_192,
        least: int = 500,
        trees: int = 12,
    ) -> None:
        detectors = len(weights)
        self.kind, self.dims, self._weights = kind, detectors + 2 + inputs, np.array(weights)
        self._detectors, self._budget, self._memory, self._least = detectors, budget, memory, least
        self._parameters = {
            "weights": list(weights),
            "inputs": inputs,
            "memory": memory,
            "recent": recent,
            "trees": trees,
        }
        self._counts = np.zeros((detectors, BINS))
        self._recent: deque[bytes] = deque(maxlen=recent)
        self._loud: set[int] = set()
        self._trees = HalfSpace(inputs, trees=trees)

    def learn(self, x: np.void, text: str) -> None:
        """Learn a session: `score`, in the order of the class's description."""
        numbers = x["score"].tolist()
        flagged, first = int(numbers[self._detectors]), bool(numbers[self._detectors + 1])
        bins = list(map(_bin, numbers[: self._detectors]))
        kept = USUAL if not flagged else RAISED if flagged <= self._detectors else OTHER
        self._recent.append(bytes([*bins, kept | FIRST * first | (flagged if kept == RAISED else 0) << KIND_BITS]))
        if kept == RAISED and flagged - 1 in self._loud:
            kept = USUAL
        if kept == USUAL:
            self._counts[np.arange(self._detectors), bins] += 1
            self._trees.learn(numbers[self._detectors + 2 :])

    def adoption(self) -> dict[str, Any] | None:
        """Knots of the detectors and of their combination, threshold, trees; None before there are enough sessions."""
        sessions = float(self._counts[0].sum())
        if sessions < self._least:
            return None
        most = min(log10(sessions) + BEYOND, MOST)
        knots = np.array([_knots(counts, PER_UNIT) for counts in self._counts])
        combined, threshold = self._weigh(knots, most)
        if sessions > self._memory:
            self._counts *= self._memory / (2 * sessions)
        return {
            "knots": [[round(float(knot), 4) for knot in row] for row in (*knots, combined)],
            "threshold": round(threshold, 4),
            "most": round(most, 4),
            "trees": self._trees.arrays() if self._trees.ready else None,
            "sessions": round(sessions),
        }

    def _weigh(self, knots: Floats, most: float) -> tuple[list[float], float]:
        """Knots of the combination (see `profiles.anomalies.evidence`) and its threshold, from the latest sessions.

        A mean of p-values is a p-value. So -log10 of the share of sessions that the budget allows always keeps the
        budget, and the threshold is never higher than that.
        """
        recent = np.frombuffer(b"".join(self._recent), np.uint8).reshape(-1, self._detectors + 1).astype(np.int64)
        bins, kept = recent[:, : self._detectors], recent[:, self._detectors] & (1 << KIND_BITS) - 1
        raised_by = np.bincount(recent[:, self._detectors] >> KIND_BITS, minlength=self._detectors + 1)[1:]
        scores = [0.0, *((at + 0.5) / PER_UNIT for at in range(1, BINS))]
        worth = np.array([[10.0 ** evidence(score, row, most) for score in scores] for row in knots])
        combined = np.log10(worth[np.arange(self._detectors), bins] @ self._weights)
        allowed = self._budget * np.count_nonzero(kept & FIRST) / 1000
        raised = kept & ~FIRST == RAISED
        self._loud = set(np.flatnonzero(raised_by > allowed).tolist())
        certain = max(log10(len(recent) / max(SAFETY * allowed, 1e-9)), LEAST)
        counted = _histogram(combined[(kept & ~FIRST == USUAL) | (raised & (combined < certain))])
        beyond = np.count_nonzero(raised & (combined >= certain))
        threshold = _threshold(counted, SAFETY * allowed - max(beyond - allowed, 0.0))
        return _knots(counted, PER_TENFOLD), min(threshold, certain)

    def events(self) -> list[dict[str, Any]]:
        """No events."""
        return []

    def snapshot(self) -> dict[str, Any]:
        """Counts, the latest sessions and the trees."""
        return {
            "name": self.name,
            "parameters": self._parameters,
            "counts": [{str(at): float(row[at]) for at in np.flatnonzero(row).tolist()} for row in self._counts],
            "loud": sorted(self._loud),
            "recent": b64encode(b"".join(self._recent)).decode("ascii"),
            "trees": self._trees.snapshot(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot. StateMismatchError when it was made with other parameters."""
        if state.get("name") != self.name or state.get("parameters") != self._parameters:
            raise StateMismatchError(
                f"the training state is of {state.get('name')} with {state.get('parameters')}, this learner has "
                f"{self._parameters}: it begins anew"
            )
        for row, counts in zip(self._counts, state["counts"], strict=True):
            row[:] = 0.0
            row[[int(at) for at in counts]] = list(counts.values())
        self._loud = set(state["loud"])
        recent, width = b64decode(state["recent"]), self._detectors + 1
        self._recent.extend(recent[at : at + width] for at in range(0, len(recent), width))
        self._trees.restore(state["trees"])


def _bin(score: float) -> int:
    return min(max(int(score * PER_UNIT), 0), BINS - 1)


def _histogram(numbers: Floats) -> Floats:
    """Counts of combined evidence."""
    places = np.clip(numbers * PER_TENFOLD + 1e-9, 0, BINS - 1).astype(np.int64)
    return np.bincount(places, minlength=BINS).astype(np.float64)


def _knots(counts: Floats, per_unit: int) -> list[float]:
    """The least score, for each level, that 10^-level of the sessions reach; 0 for level 0.

    If fewer than three sessions reach a level, the tail is extrapolated from the last power of ten.
    """
    reach = np.append(np.cumsum(counts[::-1])[::-1], 0.0)
    knots = [0.0] * LEVELS
    for level in range(1, LEVELS):
        want = reach[0] * 10.0 ** (-level * PER_LEVEL)
        if want < 3.0:
            back = knots[level - 1 - TAIL] if level > TAIL else 0.0
            knots[level] = knots[level - 1] + max(knots[level - 1] - back, LEAST_TENFOLD) / TAIL
        else:
            knots[level] = float(np.argmax(reach <= want)) / per_unit
    return knots


def _threshold(counts: Floats, allowed: float) -> float:
    """The least combined evidence, at least LEAST, that at most `allowed` sessions reach.

    In a gap of the histogram all values keep the budget, and the lowest detects most.
    """
    reach = np.append(np.cumsum(counts[::-1])[::-1], 0.0)
    return float(max(np.argmax(reach <= max(allowed, 0.0)) / PER_TENFOLD, LEAST))
