"""The sentiment of a shopper's reviews: from their stars, or from their words if they have no stars."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.aliases import Columns, Row, Rules
from liveprofile.profiles.numeric.decayed_mean import decayed_mean_update
from liveprofile.profiles.numeric.exact import exp2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import VECTOR_ONE, Action
from liveprofile.profiles.records.sections import Section, setting
from liveprofile.profiles.records.vocabulary import LONG, SENTIMENT_BANDS, SentimentBand
from liveprofile.profiles.traits.trait import STATIC, AroundZero, Feature, Field, Moment, Part, Trait, Why

REVIEW = int(Action.REVIEW)
LOG2_E = 1.4426950408889634
EVEN, MOST = 128, 127
"""The `review_tone` of a balanced review, and the maximum distance from it."""


@dataclass(frozen=True)
class SentimentSettings(Section):
    """When the sentiment of reviews is published."""

    enter: float = setting(0.4, "Mean sentiment of reviews beyond which it is negative or positive.")
    exit: float = setting(0.2, "Mean sentiment within which a negative or positive band is left.")
    min_mass: float = setting(1.5, "Minimum decayed number of reviews before their sentiment is published.")
    interval_s: float = setting(600.0, "Minimum time between two changes of the sentiment, seconds.")


class Sentiment(msgspec.Struct, frozen=True, gc=False):
    """The tone of the shopper's reviews."""

    mean: float
    """-1 to 1."""
    reviews: int
    band: SentimentBand | None
    """As last published."""


@compiled
def update_sentiment(row: Row, event: Row, moment: Moment) -> None:
    """Count a review, and add its score to the mean."""
    row.sentiment_mass *= moment.state_decay[LONG]
    if event.action != REVIEW:
        return
    row.reviews += 1
    weights, weight = moment.context.sentiment, moment.event_decay[LONG]
    if event.stars > 0:
        row.sentiment, row.sentiment_mass = decayed_mean_update(
            row.sentiment, row.sentiment_mass, star_score(event.stars), weight
        )
    elif len(weights) == len(event.vector) + 2 and has_vector(event):
        score = word_score(event.vector, event.review_tone, weights)
        row.sentiment, row.sentiment_mass = decayed_mean_update(row.sentiment, row.sentiment_mass, score, weight)


@compiled
def mean_sentiment(row: Row) -> float:
    """The mean over reviews."""
    return row.sentiment  # type: ignore[no-any-return]  # a field of the row


@compiled
def enough_reviews(row: Row, rules: Rules) -> bool:
    """Whether there are enough reviews for a first band."""
    return bool(row.sentiment_mass >= rules.sentiment_min_mass)


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
def tone_share(review_tone: int) -> float:
    """A `review_tone`, 1 to 255, as -1 (all blame) to 1 (all praise); 0 for one without.

    >>> tone_share(255), tone_share(128), tone_share(1), tone_share(0)
    (1.0, 0.0, -1.0, 0.0)
    """
    return (review_tone - EVEN) / MOST if review_tone > 0 else 0.0


@compiled
def word_score(vector: npt.NDArray[np.int16], review_tone: int, weights: npt.NDArray[np.float64]) -> float:
    """A review's embedding (d,) and tone as -1 to 1: twice the probability of praise, minus one.

    By logistic weights (d + 2,): of the embedding, of the tone, and the intercept.

    >>> word_score(np.array([32767, 0], np.int16), 128, np.array([0.0, 5.0, 3.0, 0.0]))
    0.0
    """
    logit = float(weights[len(vector) + 1]) + weights[len(vector)] * tone_share(review_tone)
    for at in range(len(vector)):
        logit += weights[at] * (vector[at] / VECTOR_ONE)
    return 2.0 / (1.0 + exp2(-logit * LOG2_E)) - 1.0


def sentiment_shown(columns: Columns, policy: Any) -> list[Sentiment | None]:
    """The sentiment as a snapshot shows it."""
    return [
        Sentiment(round(mean, 3), reviews, SENTIMENT_BANDS[published - 1] if published else None)
        if reviews and mass > 0
        else None
        for mean, mass, reviews, published in columns.together(
            "sentiment", "sentiment_mass", "reviews", "published_sentiment"
        )
    ]


_COMPARED = "mean {observed:signed} on a scale from -1 to 1, threshold {threshold:signed}."
"""How messages end."""

SENTIMENT = Trait(
    name="sentiment",
    path="sentiment",
    meaning="The tone of reviews: negative, mixed, positive.",
    state=(
        Field("sentiment", "<f4", "mean over reviews, -1 to 1"),
        Field("sentiment_mass", "<f4", "decayed number of reviews that were judged"),
        Field("reviews", "<u4", "reviews so far"),
        Field("published_sentiment", "u1", "as last published"),
    ),
    update=update_sentiment,
    published="published_sentiment",
    settings="sentiment",
    value=mean_sentiment,
    enough=enough_reviews,
    bands=AroundZero(SENTIMENT_BANDS),
    rule="sentiment@1",
    reasons=(
        Why(
            "SENTIMENT_FOUND",
            when="found",
            meaning="Reviews are negative, mixed or positive, by their stars, or by their words if they have no stars.",
            template="Sentiment of reviews is now {after}: " + _COMPARED,
            sample=(None, "positive", 0.62, 0.3),
        ),
        Why(
            "SENTIMENT_CHANGED",
            when="any",
            meaning="The sentiment of reviews moved to another band than the published one.",
            template="Sentiment of reviews changed from {before} to {after}: " + _COMPARED,
            sample=("positive", "mixed", 0.12, 0.2),
        ),
    ),
    features=(
        Feature("reviews", STATIC, "reviews", "Reviews so far.", read="reviews"),
        Feature("sentiment.mean", STATIC, "-1 to 1", "The mean sentiment of reviews, -1 to 1.", read="sentiment"),
        Feature(
            "sentiment.band",
            STATIC,
            "name",
            "The published sentiment band.",
            values=("none", *SENTIMENT_BANDS),
            read="published_sentiment",
        ),
    ),
    part=Part("sentiment", Sentiment, sentiment_shown),
)
