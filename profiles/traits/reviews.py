"""The sentiment of somebody's reviews: from their stars, or from their words where they gave none."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.numeric.decayed_mean import decayed_mean_update
from liveprofile.profiles.numeric.exact import exp2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import VECTOR_ONE, Action
from liveprofile.profiles.state.row import LONG, Row

REVIEW = int(Action.REVIEW)
LOG2_E = 1.4426950408889634
EVEN, MOST = 128, 127
"""The `wording` of a review that says as much for as against, and how far from it others may be."""


@compiled
def update_reviews(
    row: Row, event: Row, weights: npt.NDArray[np.float64], state_decay: Factors, event_decay: Factors
) -> None:
    """Count a review, and take its score into the mean."""
    row.sentiment_mass *= state_decay[LONG]
    if event.action != REVIEW:
        return
    row.reviews += 1
    if event.stars > 0:
        row.sentiment, row.sentiment_mass = decayed_mean_update(
            row.sentiment, row.sentiment_mass, star_score(event.stars), event_decay[LONG]
        )
    elif len(weights) == len(event.vector) + 2 and has_vector(event):
        score = word_score(event.vector, event.wording, weights)
        row.sentiment, row.sentiment_mass = decayed_mean_update(
            row.sentiment, row.sentiment_mass, score, event_decay[LONG]
        )


@compiled
def has_vector(event: Row) -> bool:
    """Whether the activity had a text that was embedded."""
    for at in range(len(event.vector)):
        if event.vector[at] != 0:
            return True
    return False


@compiled
def star_score(stars: int) -> float:
    """One to five stars, times ten, as -1 to 1.

    >>> star_score(10), star_score(30), star_score(45)
    (-1.0, 0.0, 0.75)
    """
    return min(max((stars / 10.0 - 3.0) / 2.0, -1.0), 1.0)


@compiled
def tone_share(wording: int) -> float:
    """A review's `wording`, 1 to 255, as -1 (all blame) to 1 (all praise); 0 for one without.

    >>> tone_share(255), tone_share(128), tone_share(1), tone_share(0)
    (1.0, 0.0, -1.0, 0.0)
    """
    return (wording - EVEN) / MOST if wording > 0 else 0.0


@compiled
def word_score(vector: npt.NDArray[np.int16], wording: int, weights: npt.NDArray[np.float64]) -> float:
    """A review's embedding (d,) and wording as -1 to 1: twice the chance of praise, less one.

    By logistic weights (d + 2,): of the embedding, of the tone, and the intercept.

    >>> word_score(np.array([32767, 0], np.int16), 128, np.array([0.0, 5.0, 3.0, 0.0]))
    0.0
    """
    logit = float(weights[len(vector) + 1]) + weights[len(vector)] * tone_share(wording)
    for at in range(len(vector)):
        logit += weights[at] * (vector[at] / VECTOR_ONE)
    return 2.0 / (1.0 + exp2(-logit * LOG2_E)) - 1.0
