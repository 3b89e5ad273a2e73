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
"""Step of AdaGrad; from 0.05 to 1 it makes little difference."""
START: dict[str, float] = {
    "text mean": 3.0,
    "text slots": 1.0,
    "words mean": 3.0,
    "together": 2.0,
    "popular": 0.3,
    "bought": -2.0,
    "seen": -4.0,
}
"""By hand, before anything is learnt: all parts count, and what the shopper has counts less."""


class Weights(msgspec.Struct, frozen=True):
    """A ranker's file."""

    weights: dict[str, float]
    """What each number of the evidence counts."""
    squares: dict[str, float] = {}
    """AdaGrad's sums of squared gradients; what is missing was never learnt."""
    learnt: int = 0
    """Choices that were learnt."""
    source: str = ""
    """What it was learnt from."""


class Ranker:
    """Scores items, and learns from each choice.

    The chance of an item is the softmax of its score over all items (McFadden, Conditional logit analysis of
    qualitative choice behavior, 1974); each choice moves the weights by one step of AdaGrad (Duchi, Hazan and Singer,
    JMLR 2011). The gradient of the negative log likelihood is the expected evidence less that of the chosen item.
    """

    def __init__(self, known: Weights | None = None, *, without: frozenset[str] = frozenset()) -> None:
        """Begins with `START`, or with what is known; numbers in `without` never count. ValueError for other names."""
        known = known or Weights(START)
        for name in {*known.weights, *known.squares, *without} - set(NAMES):
            raise ValueError(f"a ranker's weight {name!r} is none of {', '.join(NAMES)}")
        self._kept = np.array([name not in without for name in NAMES])
        self.weights = _in_order(known.weights) * self._kept
        self.learnt = known.learnt
        self._squares = _in_order(known.squares)

    def scores(self, values: Floats) -> Floats:
        """The scores (n,) of items by their evidence (k, n): logarithms of chances, but for a constant."""
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
        """What each part of the evidence (k, n) adds to the scores: (n,) each."""
        added, start = {}, 0
        for part, names in PARTS.items():
            end = start + len(names)
            added[part] = self.weights[start:end].astype(np.float32) @ values[start:end]
            start = end
        return added

    def known(self, source: str) -> Weights:
        """What it is now, to be written down."""
        weights, squares = (dict(zip(NAMES, each.tolist(), strict=True)) for each in (self.weights, self._squares))
        return Weights(weights, squares, self.learnt, source)

    @classmethod
    def of(cls, file: bytes) -> Self:
        """The ranker of a file. ValueError for what is none."""
        return cls(msgspec.json.decode(file, type=Weights))


def written(known: Weights) -> bytes:
    """A ranker's file, for people too."""
    return msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n"


@lru_cache(maxsize=1)
def shipped() -> Ranker:
    """The ranker that comes with the program: weights.json beside this file says what it was learnt from."""
    return Ranker.of(files("liveprofile.profiles.items").joinpath("weights.json").read_bytes())


def _in_order(known: Mapping[str, float]) -> npt.NDArray[np.float64]:
    return np.array([known.get(name, 0.0) for name in NAMES])
