"""The item ranker: a conditional logit over item features, trained on the item chosen among all items."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Self

import msgspec
import numpy as np
import numpy.typing as npt

from liveprofile.profiles.items.evidence import NAMES, PARTS
from liveprofile.profiles.items.index import Floats

RATE = 0.4
"""Step of AdaGrad; values from 0.05 to 1 make little difference."""
START: dict[str, float] = {
    "text mean": 3.0,
    "text slots": 1.0,
    "words mean": 3.0,
    "together": 2.0,
    "popular": 0.3,
    "bought": -2.0,
    "seen": -4.0,
}
"""Initial weights, set by hand: all groups count, and items that the shopper has count less."""


class Weights(msgspec.Struct, frozen=True):
    """A ranker's file."""

    weights: dict[str, float]
    """Weight of each ranking feature, by name."""
    squares: dict[str, float] = {}
    """AdaGrad's sums of squared gradients, by name; a missing one was never trained."""
    learnt: int = 0
    """Number of choices trained on."""
    source: str = ""
    """The training data."""


class Ranker:
    """Scores items, and learns from each choice.

    The probability of an item is the softmax of its score over all items (McFadden, Conditional logit analysis of
    qualitative choice behavior, 1974); each choice moves the weights by one step of AdaGrad (Duchi, Hazan and Singer,
    JMLR 2011). The gradient of the negative log likelihood is the expected evidence less that of the chosen item.
    """

    def __init__(self, known: Weights | None = None, *, without: frozenset[str] = frozenset()) -> None:
        """Begins with `START`, or with known weights; features in `without` never count. ValueError for other names."""
        known = known or Weights(START)
        for name in {*known.weights, *known.squares, *without} - set(NAMES):
            raise ValueError(f"a ranker's weight {name!r} is none of {', '.join(NAMES)}")
        self._kept = np.array([name not in without for name in NAMES])
        self.weights = _in_order(known.weights) * self._kept
        self.learnt = known.learnt
        self._squares = _in_order(known.squares)

    def scores(self, values: Floats) -> Floats:
        """The scores (n,) of items by their evidence (k, n): logarithms of probabilities, up to a constant."""
        found: Floats = self.weights.astype(np.float32) @ values
        return found

    def learn(self, values: Floats, chosen: int) -> None:
        """One of the items with this evidence (k, n) was chosen, the one at the place `chosen`."""
        gradient = self.gradient(values, chosen) * self._kept
        self._squares += np.square(gradient)
        self.weights -= RATE * gradient / np.sqrt(self._squares + 1e-6)
        self.learnt += 1

    def gradient(self, values: Floats, chosen: int) -> npt.NDArray[np.float64]:
        """Of the negative log likelihood of a choice, by the weights (k,)."""
        scores = self.scores(values)
        probabilities = np.exp(scores - scores.max())
        expected: npt.NDArray[np.float64] = values @ (probabilities / probabilities.sum())
        return expected - values[:, chosen]

    def parts(self, values: Floats) -> dict[str, Floats]:
        """The contribution of each group of features (k, n) to the scores: (n,) each."""
        added, start = {}, 0
        for part, names in PARTS.items():
            end = start + len(names)
            added[part] = self.weights[start:end].astype(np.float32) @ values[start:end]
            start = end
        return added

    def known(self, source: str) -> Weights:
        """The current weights, to be stored."""
        weights, squares = (dict(zip(NAMES, each.tolist(), strict=True)) for each in (self.weights, self._squares))
        return Weights(weights, squares, self.learnt, source)

    @classmethod
    def of(cls, file: bytes) -> Self:
        """The ranker in a file. ValueError if it is not one."""
        return cls(msgspec.json.decode(file, type=Weights))


def written(known: Weights) -> bytes:
    """The file of a ranker, readable for people."""
    return msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n"


@lru_cache(maxsize=1)
def shipped() -> Ranker:
    """The ranker shipped with the program: weights.json beside this file names its training data."""
    return Ranker.of(files("liveprofile.profiles.items").joinpath("weights.json").read_bytes())


def _in_order(known: Mapping[str, float]) -> npt.NDArray[np.float64]:
    return np.array([known.get(name, 0.0) for name in NAMES])
