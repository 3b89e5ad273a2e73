"""Combined evidence of the anomaly detectors for every activity."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.anomalies.evidence import combine, evidence_of
from liveprofile.profiles.fold.apply import apply_activities
from liveprofile.profiles.fold.buffers import new_buffers
from liveprofile.profiles.fold.fold import EXAMPLE_DIMS, Fold
from liveprofile.profiles.kernel.context import AnomalyModel
from liveprofile.profiles.kernel.order_values import BINS
from liveprofile.profiles.records.activity import Kind
from liveprofile.profiles.state.arrays import ProfileArrays
from liveprofile.profiles.state.ledger import ledger_dtype
from liveprofile.profiles.state.row import DETECTORS, Rows, blank_rows
from liveprofile.streams.backtest.engine.observer import Keys, record_of

ROOM = 1_024


class Judge:
    """An observer: it applies each activity to a copy of its profile, and reads the detectors' scores from the copy.

    The stream publishes scores only of raised anomalies. So the detectors' scores are read here for all activities, and
    combined as `profiles.anomalies.decide` does.
    """

    def __init__(self) -> None:
        self.scores: dict[int, float] = {}
        """-log10 of the combined p-value, by the offset of the input record; none before calibration."""
        self.since_ms: int | None = None
        """Time of the first scored activity."""
        self._fold: Fold | None = None
        self._found = new_buffers(ROOM, EXAMPLE_DIMS)

    def look_into(self, fold: Fold) -> None:
        """Set the fold of the profiles that will be shown."""
        self._fold = fold

    def wants(self, keys: Keys, heads: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
        """Before every activity of a shopper."""
        wanted: npt.NDArray[np.bool_] = heads["kind"] == Kind.EVENT
        return wanted

    def see(self, key: bytes, head: np.void, row: np.void | None) -> None:
        """Score the activity, once the detectors have been calibrated."""
        if self._fold is None or not len((anomaly_model := self._fold.context.anomaly_model).knots):
            return
        if self.since_ms is None:
            self.since_ms = int(head["event_time_ms"])
        scores = self._after(self._fold, head, row)["anomaly_max_scores"][0]
        self.scores[record_of(head)] = together(scores, anomaly_model)

    def _after(self, fold: Fold, head: np.void, row: np.void | None) -> Rows:
        """A copy of the profile (1,) after the activity, with the scores of this activity only."""
        copy = blank_rows(1, fold.policy.dims)
        if row is not None:
            copy[0] = row
            copy["anomaly_max_scores"] = 0.0
        event, offset = np.array([head], head.dtype), np.array([copy["applied"][0] + 1], np.int64)
        none, context = np.zeros(1, np.int64), fold.context
        rules, tally, counts = fold.policy.numbers, np.zeros(5, np.int64), np.zeros(BINS, np.int64)
        ledgers, ledger_of = np.zeros(2, ledger_dtype()), np.ones(1, np.int32)
        alone = ProfileArrays(copy, np.zeros(1, bool), ledgers, ledger_of, blank_rows(1, fold.policy.dims))
        apply_activities(alone, none, event, offset, 0, rules, context, self._found, counts, tally)
        return copy


def together(scores: npt.NDArray[np.float32], anomaly_model: AnomalyModel) -> float:
    """-log10 of the combined p-value of the detectors' scores (DETECTORS,).

    >>> knots = np.tile(np.linspace(0.0, 3.0, 13), (DETECTORS + 1, 1))
    >>> learnt = AnomalyModel(knots, 4.0, 1.0, None, None)
    >>> round(together(np.full(DETECTORS, 2.0, np.float32), learnt), 3)
    2.0
    """
    evidence = [evidence_of(float(scores[at]), anomaly_model.knots[at], anomaly_model.most) for at in range(DETECTORS)]
    return float(combine(np.array(evidence)))
