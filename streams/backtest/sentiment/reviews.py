"""Reviews with clear stars, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.sentiment import BLAME, PRAISE
from liveprofile.streams.datasets.record import REVIEWS, Record


@dataclass(frozen=True, slots=True)
class Reviews:
    """Reviews (n,) in the order of time."""

    places: npt.NDArray[np.int64]
    """Index among all reviews."""
    users: npt.NDArray[np.str_]
    items: npt.NDArray[np.str_]
    times_ms: npt.NDArray[np.int64]
    stars: npt.NDArray[np.float64]
    texts: Sequence[str]

    @property
    def praise(self) -> npt.NDArray[np.bool_]:
        """Whether the stars mean praise; otherwise blame."""
        happened: npt.NDArray[np.bool_] = self.stars * 10 >= PRAISE
        return happened


def clear_reviews(taken: Sequence[Record]) -> Reviews:
    """The reviews with words and clear stars among the records."""
    reviews = [record for record in taken if record.topic == REVIEWS]
    chosen = [
        (at, one)
        for at, one in enumerate(reviews)
        if one.fields.get("text") and not BLAME < 10 * one.fields.get("stars", 3) < PRAISE
    ]
    return Reviews(
        places=np.array([at for at, _ in chosen], np.int64),
        users=np.array([one.key for _, one in chosen], np.str_),
        items=np.array([one.fields["item_id"] for _, one in chosen], np.str_),
        times_ms=np.array([one.time_ms or 0 for _, one in chosen], np.int64),
        stars=np.array([one.fields["stars"] for _, one in chosen], np.float64),
        texts=[one.fields["text"] for _, one in chosen],
    )
