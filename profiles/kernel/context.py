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
    """Names these rules in rows; 32 bits, never 0."""
    since_ms: int
    """When they came into force."""
    atom_place: Ints
    """Feature, or f plus lookup (a,)."""
    atom_operator: Ints
    atom_constant: Floats
    lookup: Ints
    """What, scale and key (m, 3)."""
    code: Ints
    start: Ints
    """Where each program begins in `code` (p + 1,)."""
    state: Ints
    """Numbers of the lifecycle states in the order that they are tried (s,)."""
    slot: Ints
    """Bit of each segment (n,)."""
    name: Ints
    """Digest of each segment's name (n,)."""
    stay_ms: Ints
    read: npt.NDArray[np.void]
    """Work space: the features of the row at hand, one record on the memory of `raw`."""
    raw: Floats
    """Features as they were read, then lookups (f + m,)."""
    value: Floats
    """The same at the moment that is judged."""
    unit_ms: Floats
    """What ages are measured in (f,)."""
    truth: Flags
    """Of the atoms (a,)."""
    verdict: Flags
    """Of the programs (p,)."""
    timed: Ints
    """The atoms that time alone can turn."""


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
    """Input that an inner node looks at, (trees, 2^height - 1)."""
    split: npt.NDArray[np.uint16]
    """Least value, of 0 to 255, that goes to the upper child, like `feature`."""
    mass: npt.NDArray[np.uint16]
    """Sessions of the reference window that came through a node, (trees, 2^(height + 1) - 1)."""
    window: float
    """Sessions in the window; 0 where there are no trees."""


class AnomalyModel(NamedTuple):
    """What anomalies are judged by, besides the policy."""

    knots: Floats
    """(VOTERS + 1, LEVELS), the combination last; (0, LEVELS) until they are learnt: then fixed thresholds count."""
    most: float
    """Evidence that a score has at most: more than this the sessions seen cannot bear."""
    threshold: float
    """What `combine` must give for an alarm to be raised: so much that the alert budget is kept."""
    trees: Trees
    rules: RuleTable


class FoldContext(NamedTuple):
    """Arrays may be counted on by compiled code; they belong to the partition's cursor."""

    order_location: float
    """Median of log2(order total in minor units), of the partition."""
    order_spread: float
    centres: npt.NDArray[np.int16]
    """Cluster centres (c, k)."""
    centre_ids: npt.NDArray[np.int64]
    compiled_rules: CompiledRules
    """The rules of lifecycle and segments."""
    scorecards: CompiledScorecards
    """What chances are predicted with."""
    anomaly_model: AnomalyModel
    """What anomalies are judged by."""
    price_levels: npt.NDArray[np.void]
    """What things of a category cost in the partition, see `price_levels`."""
    sentiment: npt.NDArray[np.float64]
    """Weights (dims + 2,) of a review's embedding, tone and intercept, for the log-odds of praise; empty for none."""


class DetectionBuffers(NamedTuple):
    """Where compiled code puts what it found, and how much of it there is."""

    detections: npt.NDArray[np.void]
    """What is worth saying, see `notes`."""
    directions: npt.NDArray[np.int16]
    """For each note the long-term interest of its profile at that moment, (n, k)."""
    topics: npt.NDArray[np.uint32]
    """For each note the largest long-term topic of its profile then, (n,); 0 for none."""
    pairs: npt.NDArray[np.void]
    """Items seen one after the other, see `pairs`."""
    labelled: npt.NDArray[np.void]
    """Predictions whose outcome is known now, see `labelled`."""
    sessions: npt.NDArray[np.void]
    """Sessions that have ended, see `anomalies.sessions`."""
    entered: npt.NDArray[np.void]
    """Shoppers who are newcomers no more, see `entries`."""
    filled: npt.NDArray[np.int64]
    """How many records each buffer has (5,): `DETECTIONS`, `PAIRS`, `LABELLED`, `SESSIONS`, `ENTRIES`."""
