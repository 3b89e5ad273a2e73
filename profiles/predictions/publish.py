"""Publishes the bands of predicted probabilities, with the inputs that led to them."""

from liveprofile.profiles.kernel.context import Floats, FoldContext
from liveprofile.profiles.kernel.detections import Detections
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import is_due
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import PATHS, PREDICTION_INPUTS, Row

FIRST_PATH = PATHS.index("predictions.purchase.session")
BAND, CONFIDENCE = 0, 1
"""Places in `before` and `after` of a change of a probability."""
CONFIDENCE_ONE = 10_000
"""The integer for a confidence of 1 there."""


@compiled
def odds_bound(rate: float, times: float) -> float:
    """The probability with `times` the odds of the rate.

    >>> round(odds_bound(0.5, 3.0), 9), round(odds_bound(0.02, 3.0), 3)
    (0.75, 0.058)
    """
    return times * rate / (1.0 + (times - 1.0) * rate)


@compiled
def publish_probability(
    row: Row,
    task: int,
    probability: float,
    confidence: float,
    parts: Floats,
    rules: Rules,
    context: FoldContext,
    detections: Detections,
    count: int,
) -> tuple[int, int]:
    """Publish a band change of a probability: entered by its odds relative to the base rate, left well below."""
    before, lowest, highest, rate = int(row.published_probability_band[task]), 0, 0, context.scorecards.rate[task]
    for times in rules.predictions_odds:
        lowest += probability >= odds_bound(rate, times)
        highest += probability >= odds_bound(rate, times * rules.predictions_exit_factor)
    after = min(max(before, lowest), highest)
    if after == before or (after > before and confidence < rules.predictions_min_confidence):
        return count, 0
    if not is_due(row, FIRST_PATH + task, rules.predictions_interval_s[task]):
        return count, 1
    detection = detections[count]
    detection.about, detection.observed = FIRST_PATH + task, probability
    times = (
        rules.predictions_odds[after - 1]
        if after > before
        else rules.predictions_odds[before - 1] * rules.predictions_exit_factor
    )
    detection.threshold = odds_bound(rate, times)
    detection.before[BAND], detection.after[BAND] = before, after
    detection.after[CONFIDENCE] = int(confidence * CONFIDENCE_ONE)
    name_reasons(parts, detection.signals)
    row.published_probability_band[task] = after
    return count + 1, 0


@compiled
def name_reasons(parts: Floats, signals: Floats) -> None:
    """Write the three inputs that move the score most, place and effect each, the largest first; uses `parts` up."""
    for rank in range(3):
        best = 0
        for at in range(1, PREDICTION_INPUTS):
            if abs(parts[at]) > abs(parts[best]):
                best = at
        signals[2 * rank], signals[2 * rank + 1] = best, parts[best]
        parts[best] = 0.0
