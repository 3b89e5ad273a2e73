"""Read-only context of the fold: adopted models and partition statistics; and the output buffers of compiled code.

All of it came through the log, or was counted from the log, so a replay has the same context at the same offset.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


DETECTIONS, PAIRS, LABELLED, SESSIONS, ENTRIES = range(5)
"""Places in `DetectionBuffers.filled`, one for each buffer."""


class CompiledRules(NamedTuple):
    """Rules for compiled code: a atoms, m lookups, p programs, s lifecycle states, n segments, f features.

    The programs are those of the states in their order, then enter and exit of each segment.
    """

    version: int
    """Identifies these rules in rows; 32 bits, never 0."""
    since_ms: int
    """When they came into force."""
    atom_place: Ints
    """Feature, or f plus lookup (a,)."""
    atom_operator: Ints
    atom_constant: Floats
    lookup: Ints
    """Kind, scale and key of each lookup (m, 3)."""
    code: Ints
    start: Ints
    """Start of each program in `code` (p + 1,)."""
    state: Ints
    """Numbers of the lifecycle states in the order of evaluation (s,)."""
    slot: Ints
    """Bit of each segment (n,)."""
    name: Ints
    """Digest of each segment's name (n,)."""
    stay_ms: Ints
    read: npt.NDArray[np.void]
    """Work space: the features of the current row, one record on the memory of `raw`."""
    raw: Floats
    """Features as read, then lookups (f + m,)."""
    value: Floats
    """The same at the moment of evaluation."""
    unit_ms: Floats
    """Units of ages (f,)."""
    truth: Flags
    """Truth of the atoms (a,)."""
    verdict: Flags
    """Verdict of the programs (p,)."""
    timed: Ints
    """The atoms that can change by time alone."""


class CompiledScorecards(NamedTuple):
    """The numbers of `models.learners.scorecard.Scorecards`, under the same names; see `predictions.scorecard`."""

    ready: npt.NDArray[np.bool_]
    rate: Floats
    bias: Floats
    tables: Floats
    pairs: Floats
    usual: Floats
    curve: Floats


class RuleTable(NamedTuple):
    """Rules for compiled code: one row each, one column for every signal."""

    at_least: npt.NDArray[np.float64]
    below: npt.NDArray[np.float64]
    severity: npt.NDArray[np.int64]


class Trees(NamedTuple):
    """Trees as heaps: node n has the children 2 n + 1 (below the split) and 2 n + 2."""

    feature: npt.NDArray[np.uint8]
    """Input that an inner node compares, (trees, 2^height - 1)."""
    split: npt.NDArray[np.uint16]
    """Minimum value, 0 to 255, that goes to the upper child; shaped like `feature`."""
    mass: npt.NDArray[np.uint16]
    """Sessions of the reference window that came through a node, (trees, 2^(height + 1) - 1)."""
    window: float
    """Sessions in the window; 0 where there are no trees."""


class AnomalyModel(NamedTuple):
    """The adopted calibration and trees of anomaly detection; other thresholds are in the policy."""

    knots: Floats
    """(VOTERS + 1, LEVELS), the combination last; (0, LEVELS), with fixed thresholds, until they are learnt."""
    most: float
    """Maximum evidence of a score: the number of sessions seen supports no more."""
    threshold: float
    """Minimum result of `combine` to raise an anomaly: it keeps the alert budget."""
    trees: Trees
    rules: RuleTable


class FoldContext(NamedTuple):
    """Read-only context of the fold: adopted models and partition statistics. Its arrays belong to the cursor."""

    order_location: float
    """Median of log2(order total in minor units), of the partition."""
    order_spread: float
    centres: npt.NDArray[np.int16]
    """Cluster centres (c, k)."""
    centre_ids: npt.NDArray[np.int64]
    compiled_rules: CompiledRules
    """The rules of lifecycle and segments."""
    scorecards: CompiledScorecards
    """The scorecards for predictions."""
    anomaly_model: AnomalyModel
    """The anomaly model in force."""
    price_levels: npt.NDArray[np.void]
    """The price levels of categories in the partition, see `price_levels`."""
    sentiment: npt.NDArray[np.float64]
    """Weights (dims + 2,) of a review's embedding, tone and intercept, for the log-odds of praise; empty for none."""
    utc_offsets: npt.NDArray[np.int64]
    """The shop's time zone, see `local_time`; empty for UTC."""


class DetectionBuffers(NamedTuple):
    """Output buffers of the compiled loop, with the number of records in each."""

    detections: npt.NDArray[np.void]
    """Detections, see `detections`."""
    directions: npt.NDArray[np.int16]
    """For each detection the long-term interest of its profile at that moment, (n, k)."""
    topics: npt.NDArray[np.uint32]
    """For each detection the largest long-term topic of its profile then, (n,); 0 for none."""
    pairs: npt.NDArray[np.void]
    """Pairs of consecutive items, see `items.co_occurrence`."""
    labelled: npt.NDArray[np.void]
    """Predictions with a label, see `predictions.predict`."""
    sessions: npt.NDArray[np.void]
    """Sessions that have ended, see `anomalies.sessions`."""
    entered: npt.NDArray[np.void]
    """Cold-start examples, see `predictions.cold_start_example`."""
    filled: npt.NDArray[np.int64]
    """How many records each buffer has (5,): `DETECTIONS`, `PAIRS`, `LABELLED`, `SESSIONS`, `ENTRIES`."""
