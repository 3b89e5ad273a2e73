"""Combines the evidence of all detectors; calibration of a single detector is in `models.learners.evidence`.

The p-values of the detectors are combined by the weighted harmonic mean p-value (Wilson, PNAS 2019), valid under
dependence like the Cauchy combination (Liu and Xie, JASA 2020), but without a tangent. The combination is calibrated
empirically (last row of `knots`), so the published p-value is measured and assumes no independence of the detectors.
"""

import numpy as np

from liveprofile.models.learners.evidence import LEVELS, evidence
from liveprofile.profiles.anomalies.named import NO_RULES
from liveprofile.profiles.anomalies.outlier import NO_TREES
from liveprofile.profiles.kernel.context import AnomalyModel, Floats
from liveprofile.profiles.numeric.exact import exp2, log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import DETECTORS

LOG2_OF_10 = 3.321928094887362


NO_ANOMALY_MODEL = AnomalyModel(np.zeros((0, LEVELS)), 0.0, 0.0, NO_TREES, NO_RULES)
COMBINED = DETECTORS
WEIGHTS = (0.16, 0.22, 0.04, 0.14, 0.16, 0.14, 0.08, 0.06)
"""Weights of the detectors in the combination, in the order of `ANOMALIES`. Interest drift and outlier weigh little:
shoppers do gain new interests, and trees alone are not reliable."""

evidence_of = compiled(evidence)


@compiled
def combine(evidence: Floats) -> float:
    """-log10 of the weighted harmonic mean of p-values, from their -log10 (VOTERS,).

    >>> round(combine(np.full(8, 2.0)), 6), round(combine(np.array([0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])), 2)
    (2.0, 3.34)
    """
    total = 0.0
    for at in range(DETECTORS):
        total += WEIGHTS[at] * exp2(evidence[at] * LOG2_OF_10)
    combined: float = log2(total) / LOG2_OF_10
    return combined


@compiled
def p_value(evidence: float) -> float:
    """The p-value of an evidence."""
    return exp2(-evidence * LOG2_OF_10)
