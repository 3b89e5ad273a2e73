"""The inputs with the largest effects on a predicted probability, with their descriptions."""

from collections.abc import Sequence
from typing import Literal

from liveprofile.profiles.facts.snapshot import Contribution
from liveprofile.profiles.predictions.inputs import TABLE

CHANCES: tuple[Literal["low", "middle", "high"], ...] = ("low", "middle", "high")
LEAST_EFFECT = 0.05
"""Minimum effect on the score, a logarithm of odds, that is named."""


def reasons_in_words(signals: Sequence[float]) -> list[Contribution]:
    """The inputs behind a score: name, description, and effect on the logarithm of the odds.

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
