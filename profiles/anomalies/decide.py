"""Decides when an anomaly is raised, updated because its severity rose, and cleared.

The score of an open anomaly is held. It decays with the half-life of its kind until it falls below the exit threshold.
That moment is known in advance (`anomaly_due_ms`), so the anomaly is cleared at exactly that time, even if the tick
arrives later. A higher new score postpones it. After clearing, the kind is not raised again during the cool-down.
"""

from liveprofile.profiles.anomalies.evidence import COMBINED, combine, evidence_of
from liveprofile.profiles.anomalies.kinds import OUTLIER, RULE
from liveprofile.profiles.kernel.context import AnomalyModel, Floats
from liveprofile.profiles.kernel.detections import ANOMALY, CLEARED, RAISED, UPDATED, Detections
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.scratch import floats
from liveprofile.profiles.state.row import DETECTORS, KIND_COUNT, Row

AT_THRESHOLD = 50.0
"""Severity of an anomaly at its threshold."""
PER_TENFOLD = 10.0
"""Severity added by each power of ten of the p-value."""


@compiled
def decide(
    row: Row, scores: Floats, rules: Rules, anomaly_model: AnomalyModel, detections: Detections, count: int
) -> int:
    """Raise and update by the detectors' scores (VOTERS,); returns the number of detections.

    If knots were learnt, the combined evidence must pass the threshold, and the detector with the most evidence sets
    the kind of the anomaly. Its score must be at least half way from its exit to its fixed threshold, and it is never
    the outlier detector. Until then each detector has a fixed threshold.
    """
    if len(anomaly_model.knots) == 0:
        for kind in range(OUTLIER):
            severity = AT_THRESHOLD * scores[kind] / rules.anomalies_enter[kind]
            may_open = scores[kind] >= rules.anomalies_enter[kind]
            count = _step(row, kind, scores[kind], severity, may_open, -1.0, scores, rules, detections, count)
        return count
    evidence, lead = floats(DETECTORS), -1
    for kind in range(DETECTORS):
        evidence[kind] = evidence_of(scores[kind], anomaly_model.knots[kind], anomaly_model.most)
        fit = kind != OUTLIER and scores[kind] >= 0.5 * (rules.anomalies_enter[kind] + rules.anomalies_exit[kind])
        lead = kind if fit and (lead < 0 or evidence[kind] > evidence[lead]) else lead
    together = combine(evidence)
    measured = evidence_of(together, anomaly_model.knots[COMBINED], anomaly_model.most)
    for kind in range(OUTLIER):
        severity = AT_THRESHOLD + PER_TENFOLD * (together - anomaly_model.threshold) if kind == lead else 0.0
        may_open = kind == lead and together >= anomaly_model.threshold
        count = _step(row, kind, scores[kind], severity, may_open, measured, evidence, rules, detections, count)
    return count


@compiled
def decide_rule(row: Row, rule: int, severity: float, rules: Rules, detections: Detections, count: int) -> int:
    """Raise or update by the named rule that holds; -1 for none."""
    if rule < 0:
        return count
    detector_evidence = floats(DETECTORS)
    return _step(
        row, RULE, rules.anomalies_enter[RULE], severity, True, -1.0, detector_evidence, rules, detections, count
    )


@compiled
def _step(
    row: Row,
    kind: int,
    score: float,
    severity: float,
    may_open: bool,
    evidence: float,
    detector_evidence: Floats,
    rules: Rules,
    detections: Detections,
    count: int,
) -> int:
    now = epoch_s(row.seen_ms)
    if row.anomaly_s[kind] == 0:
        rests = row.anomaly_rest_s[kind] != 0 and now < row.anomaly_rest_s[kind] + rules.anomalies_cool_down_s
        if not may_open or rests:
            return count
        row.anomaly_s[kind] = now
        row.anomaly_count[kind] += 1
        row.anomaly_score[kind], row.anomaly_step[kind], row.anomaly_due_ms[kind] = 0.0, 0, 0
        row.anomaly_flagged = row.anomaly_flagged if row.anomaly_flagged != 0 else kind + 1
    elif score < rules.anomalies_exit[kind]:
        return count
    held_ms = rules.anomalies_half_life_s[kind] * 1000.0 * log2(score / rules.anomalies_exit[kind])
    row.anomaly_due_ms[kind] = max(row.anomaly_due_ms[kind], row.seen_ms + int(held_ms) + 1)
    row.anomaly_score[kind] = max(row.anomaly_score[kind], score)
    worth = int(min(max(severity, 1.0), 100.0))
    raised = row.anomaly_step[kind] == 0
    if not raised and worth < row.anomaly_severity[kind] + rules.anomalies_update_severity:
        return count
    row.anomaly_severity[kind] = worth
    row.anomaly_step[kind] = min(row.anomaly_step[kind] + 1, 255)
    _record(row, kind, RAISED if raised else UPDATED, score, detections[count])
    detections[count].evidence = evidence
    for at in range(DETECTORS):
        detections[count].detector_evidence[at] = detector_evidence[at]
    return count + 1


@compiled
def _record(row: Row, kind: int, what: int, score: float, detection: Row) -> None:
    """Record a step of an anomaly; the caller writes its signals."""
    detection.about, detection.raised, detection.version = ANOMALY + kind, what, row.anomaly_count[kind]
    detection.since_s, detection.observed, detection.at_ms = row.anomaly_s[kind], score, 0
    detection.severity, detection.step = row.anomaly_severity[kind], row.anomaly_step[kind]
    detection.evidence = -1.0
    for at in range(DETECTORS):
        detection.detector_evidence[at] = 0.0
    for at in range(len(detection.signals)):
        detection.signals[at] = 0.0


@compiled
def next_clear_ms(row: Row) -> int:
    """When the next open anomaly falls below its exit threshold, epoch milliseconds; 0 if none is open."""
    earliest = 0
    for kind in range(KIND_COUNT):
        due = row.anomaly_due_ms[kind]
        if row.anomaly_s[kind] != 0 and (earliest == 0 or due < earliest):
            earliest = due
    return earliest


@compiled
def clear_due(row: Row, at_ms: int, rules: Rules, detections: Detections, count: int) -> int:
    """Clear what has decayed by `at_ms`, the earliest first; each detection's `at_ms` is its exact moment."""
    while True:
        due = next_clear_ms(row)
        if due == 0 or due > at_ms:
            return count
        for kind in range(KIND_COUNT):
            if row.anomaly_s[kind] != 0 and row.anomaly_due_ms[kind] == due:
                row.anomaly_severity[kind] = 0
                row.anomaly_step[kind] = min(row.anomaly_step[kind] + 1, 255)
                _record(row, kind, CLEARED, rules.anomalies_exit[kind], detections[count])
                detections[count].at_ms = due
                count += 1
                row.anomaly_s[kind], row.anomaly_due_ms[kind] = 0, 0
                row.anomaly_score[kind] = 0.0
                row.anomaly_rest_s[kind] = epoch_s(due)
