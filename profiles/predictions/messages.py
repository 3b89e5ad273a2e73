"""Changes of chances put into words: band, how sure, and what moved the score most."""

from collections.abc import Sequence
from typing import Any, Literal

from liveprofile.profiles.predictions.adopted_models import PREDICTOR
from liveprofile.profiles.predictions.inputs import TABLE
from liveprofile.profiles.predictions.predict import BAND, CONFIDENCE, CONFIDENCE_ONE
from liveprofile.profiles.records.facts import Change, Code, Reason
from liveprofile.profiles.records.reasons import change_of
from liveprofile.profiles.records.snapshot import Chance, Contribution
from liveprofile.profiles.state.row import PATHS

CHANCES: tuple[Literal["low", "middle", "high"], ...] = ("low", "middle", "high")
LEAST_EFFECT = 0.05
"""Effects on the score, a logarithm of odds, that are not worth naming are below this."""


def reasons_in_words(signals: Sequence[float]) -> list[Contribution]:
    """The inputs behind a score: name, words, and by how much each moves the logarithm of the odds.

    >>> [one.words for one in reasons_in_words([2.0, 1.25, 0.0, 0.0, 0.0, 0.0])]
    ['what was put into the cart this session raises it']
    """
    pairs = zip(signals[::2], signals[1::2], strict=True)
    return [
        Contribution(
            TABLE[int(at)].name, f"{TABLE[int(at)].words} {'raises' if effect > 0 else 'lowers'} it", round(effect, 3)
        )
        for at, effect in pairs
        if abs(effect) >= LEAST_EFFECT
    ]


def probability_change(detection: Any, words: Any) -> Change:
    """The chance of something moved into another band."""
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
