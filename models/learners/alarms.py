"""The learner of alarms: what each voter's score is worth, and from where on the alert budget lets one be raised.

A session gives the largest score of every voter. Their decayed histograms give knots: for each level the least score
that only 10^-level of usual sessions reach. The last sessions, weighed by these knots, give the same for the combination
of all voters; its threshold is where as many usual sessions lie above as the budget allows.

Sessions in which something was raised are not learnt from. But some of them are usual ones that were raised by chance:
leaving out all of them would cut the tail off, and the threshold would sink with every version. So as many of them as
the budget expects are counted as lying beyond every knot, and nothing more is taken from them. (Censoring: Kaplan and
Meier, 1958.)
"""

from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Mapping
from math import log10
from typing import Any

import numpy as np
import numpy.typing as npt

from models.clusterers.port import StateMismatchError
from models.learners.half_space import HalfSpace

Floats = npt.NDArray[np.float64]

PER_LEVEL, LEVELS, TAIL = 0.25, 13, 4
LEAST_TENFOLD, MOST = 0.5, 8.0
BINS, PER_UNIT = 256, 8
"""Histograms reach from 0 to 32, in steps of an eighth."""


class AlarmLearner:
    """Learns the voters' p-values from sessions.

    Parameters
    ----------
    kind
        The kind of example that sessions are.
    voters
        Voters; a session has as many scores first, then the kind raised + 1 (0 for none), 1 for the first session of
        the shopper's day, and `inputs` numbers from 0 to 1 for the trees.
    inputs
        See above.
    budget
        Alerts a day on 1,000 active users that usual behaviour may cause.
    memory
        Sessions after which one counts half.
    recent
        Last sessions that the combination is measured on.
    least
        Usual sessions before anything is said.
    """

    what = name = "alarms"

    def __init__(
        self,
        kind: int,
        voters: int,
        inputs: int,
        *,
        budget: float = 5.0,
        memory: int = 50_000,
        recent: int = 8_192,
        least: int = 500,
        trees: int = 12,
    ) -> None:
        self.kind, self.dims = kind, voters + 2 + inputs
        self._voters, self._budget, self._memory, self._least = voters, budget, memory, least
        self._parameters = {"voters": voters, "inputs": inputs, "memory": memory, "recent": recent, "trees": trees}
        self._counts = np.zeros((voters, BINS))
        self._raised = np.zeros(voters)
        self._alerts = self._days = 0.0
        self._recent: deque[bytes] = deque(maxlen=recent)
        self._trees = HalfSpace(inputs, trees=trees)

    def learn(self, x: np.void, text: str) -> None:
        """Learn a session: `score`, in the order of the class's description."""
        self.learn_session(x["score"].tolist())

    def learn_session(self, numbers: list[float]) -> None:
        """The same from a list."""
        scores, flagged, first = numbers[: self._voters], int(numbers[self._voters]), numbers[self._voters + 1]
        self._days += first
        if flagged:
            self._count_alert(flagged - 1)
            return
        bins = bytes(map(_bin, scores))
        self._counts[np.arange(self._voters), list(bins)] += 1
        self._recent.append(bins)
        self._trees.learn(numbers[self._voters + 2 :])

    def _count_alert(self, kind: int) -> None:
        """Count an alert; a session that began under an open anomaly, or fell to a named rule, has none of a voter."""
        if kind < self._voters:
            self._alerts += 1
            self._raised[kind] += 1

    def adoption(self) -> dict[str, Any] | None:
        """Knots of the voters and of their combination, threshold, trees; None while too few sessions were seen."""
        if self._counts[0].sum() < self._least:
            return None
        share = min(1.0, self._allowed / self._alerts) if self._alerts else 0.0
        voters = [_knots(self._counts[at], share * self._raised[at]) for at in range(self._voters)]
        sessions = self._counts[0].sum() + share * self._alerts
        beyond = share * self._alerts * len(self._recent) / self._counts[0].sum()
        together = _knots(self._together(np.array(voters)), beyond)
        level = log10(max(sessions / max(self._allowed, 1e-9), 1.0))
        self._forget()
        return {
            "knots": [[round(float(knot), 4) for knot in row] for row in (*voters, together)],
            "threshold": round(level, 4),
            "trees": self._trees.arrays() if self._trees.ready else None,
            "sessions": round(sessions),
        }

    @property
    def _allowed(self) -> float:
        """Alerts that the budget allows on as many user-days as were seen."""
        return self._budget * self._days / 1000

    def _together(self, knots: Floats) -> Floats:
        """A histogram of the evidence of all voters in the last sessions; combined as in `profiles.anomalies.evidence`."""
        worth = np.array([[10.0 ** evidence(at / PER_UNIT, row) for at in range(BINS)] for row in knots])
        bins = np.frombuffer(b"".join(self._recent), np.uint8).reshape(-1, self._voters)
        combined = np.log10(worth[np.arange(self._voters), bins].mean(axis=1))
        places = np.clip(combined * PER_UNIT + 1e-9, 0, BINS - 1).astype(np.int64)
        return np.bincount(places, minlength=BINS).astype(np.float64)

    def _forget(self) -> None:
        """Let all counts fade that have grown beyond the memory, to half of it at most."""
        total = self._counts[0].sum()
        if total > self._memory:
            keep = self._memory / (2 * total)
            self._counts *= keep
            self._raised *= keep
            self._alerts, self._days = self._alerts * keep, self._days * keep

    def news(self) -> list[dict[str, Any]]:
        """Nothing."""
        return []

    def snapshot(self) -> dict[str, Any]:
        """Counts, the last sessions and the trees."""
        return {
            "name": self.name,
            "parameters": self._parameters,
            "counts": [{str(at): float(row[at]) for at in np.flatnonzero(row).tolist()} for row in self._counts],
            "raised": self._raised.tolist(),
            "alerts": self._alerts,
            "days": self._days,
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
        self._raised[:] = state["raised"]
        self._alerts, self._days = state["alerts"], state["days"]
        recent, width = b64decode(state["recent"]), self._voters
        self._recent.extend(recent[at : at + width] for at in range(0, len(recent), width))
        self._trees.restore(state["trees"])


def _bin(score: float) -> int:
    return min(max(int(score * PER_UNIT), 0), BINS - 1)


def _knots(counts: Floats, beyond: float) -> list[float]:
    """The least score, for each level, that 10^-level of the sessions reach; `beyond` of them reach every one.

    Where too few sessions are left to say (three), the tail goes on as it did over the last power of ten. The first bin
    is a voter that says nothing: its knots are 0.
    """
    reach = np.append(np.cumsum(counts[::-1])[::-1], 0.0) + beyond
    total, knots = reach[0], [0.0] * LEVELS
    for level in range(1, LEVELS):
        want = total * 10.0 ** (-level * PER_LEVEL)
        if want < max(beyond, 3.0):
            back = knots[level - 1 - TAIL] if level > TAIL else 0.0
            knots[level] = knots[level - 1] + max(knots[level - 1] - back, LEAST_TENFOLD) / TAIL
        else:
            knots[level] = float(np.argmax(reach <= want)) / PER_UNIT
    return knots


def evidence(score: float, knots: Floats) -> float:
    """`profiles.anomalies.evidence.evidence_of`, which the models cannot import; a test keeps the two alike."""
    if score <= 0.0:
        return 0.0
    last = LEVELS - 1
    if score >= knots[last]:
        return min(
            last * PER_LEVEL + (score - knots[last]) / max(knots[last] - knots[last - TAIL], LEAST_TENFOLD), MOST
        )
    at = int(np.searchsorted(knots, score, side="right")) - 1
    width = knots[at + 1] - knots[at]
    part = (score - knots[at]) / width if width > 0.0 else 0.0
    return float((at + min(max(part, 0.0), 1.0)) * PER_LEVEL)
