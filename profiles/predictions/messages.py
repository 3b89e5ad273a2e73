"""Turns detections of predictions into changes: band, confidence, and the inputs with the largest effects."""

from typing import Any

from liveprofile.profiles.facts.facts import Change, Code, Reason
from liveprofile.profiles.facts.reasons import change_of
from liveprofile.profiles.facts.snapshot import Chance
from liveprofile.profiles.predictions.adopted_models import PREDICTOR
from liveprofile.profiles.predictions.contributions import CHANCES, reasons_in_words
from liveprofile.profiles.predictions.publish import BAND, CONFIDENCE, CONFIDENCE_ONE
from liveprofile.profiles.state.row import PATHS


def probability_change(detection: Any, words: Any) -> Change:
    """A probability moved to another band."""
    before, after = detection.before[BAND], detection.after[BAND]
    code = Code.CHANCE_ROSE if after > before else Code.CHANCE_FELL
    model = words.adopted.get(PREDICTOR)
    label = model.label if model else ""
    value = Chance(
        CHANCES[after],
        round(detection.observed, 4),
        detection.after[CONFIDENCE] / CONFIDENCE_ONE,
        reasons_in_words(detection.signals),
        label,
    )
    reason = Reason(code, "chance-band@1", round(detection.threshold, 4), round(detection.observed, 4))
    return change_of(PATHS[detection.about], "replace", {"band": CHANCES[before]}, value, reason)
