"""Predictions of the adopted sentiment model for each review before it is learnt."""

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.sentiment import BLAME, PRAISE
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.traits.sentiment import word_score
from liveprofile.streams.backtest.engine.observer import Keys, record_of


class Reader:
    """An observer: it scores reviews with clear stars by the weights adopted at that time."""

    def __init__(self) -> None:
        self.scores: dict[int, float] = {}
        """Scores from -1 to 1 by the offset of the input record; NaN before the first model."""
        self._fold: Fold | None = None

    def look_into(self, fold: Fold) -> None:
        """Set the fold with the adopted model."""
        self._fold = fold

    def wants(self, keys: Keys, heads: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
        """Before each review with words and clear stars."""
        clear = (heads["stars"] >= PRAISE) | ((heads["stars"] > 0) & (heads["stars"] <= BLAME))
        wanted: npt.NDArray[np.bool_] = (heads["action"] == Action.REVIEW) & clear & heads["vector"].any(axis=1)
        return wanted

    def see(self, key: bytes, head: np.void, row: np.void | None) -> None:
        """Score the review."""
        model = self._fold.cursor.sentiment if self._fold is not None else None
        score = (
            float(word_score(head["vector"], int(head["review_tone"]), model.weights)) if model is not None else np.nan
        )
        self.scores[record_of(head)] = score
