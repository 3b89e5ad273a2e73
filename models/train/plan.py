"""The plan of a training: the examples and the learning rate of each step, both functions of seed and step."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from liveprofile.models.errors import ModelError

WARM_UP = 0.1
"""The share of the steps in which the learning rate rises; it falls to 0 over the rest."""


@dataclass(frozen=True)
class Plan:
    """Steps, batch size and learning rate; a step does not depend on earlier steps, so that a training can resume."""

    examples: int
    steps: int
    batch: int
    rate: float
    """The highest learning rate."""
    seed: int

    def __post_init__(self) -> None:
        for name, value, least in (("steps", self.steps, 1), ("batch", self.batch, 2)):
            if value < least:
                raise ModelError(f"{name} = {value}, least {least}", "Choose more.")
        if not self.rate > 0:
            raise ModelError(f"learning rate = {self.rate}, must be above 0", "Choose such as 2e-5.")

    @property
    def size(self) -> int:
        """Examples of a step: the batch size, or all examples if there are fewer."""
        return min(self.batch, self.examples)

    def rows(self, step: int) -> npt.NDArray[np.int64]:
        """(size,) indices of the examples of step 0, 1, …; each once per epoch, without an incomplete last batch.

        >>> plan = Plan(examples=6, steps=4, batch=2, rate=1e-3, seed=1)
        >>> sorted(int(row) for step in (0, 1, 2) for row in plan.rows(step))
        [0, 1, 2, 3, 4, 5]
        """
        epoch, place = divmod(step, self.examples // self.size)
        return _order(self.examples, self.seed, epoch)[place * self.size : (place + 1) * self.size]

    def rate_at(self, step: int) -> float:
        """Rises linearly to `rate` over the first tenth of the steps, then falls linearly to 0.

        >>> plan = Plan(examples=9, steps=20, batch=3, rate=1.0, seed=1)
        >>> plan.rate_at(0), plan.rate_at(1), plan.rate_at(11), plan.rate_at(19)
        (0.5, 1.0, 0.5, 0.05555555555555555)
        """
        warm = max(1, round(self.steps * WARM_UP))
        if step < warm:
            return self.rate * (step + 1) / warm
        return self.rate * (self.steps - step) / (self.steps - warm)


def steps_of(examples: int, batch: int, epochs: float) -> int:
    """Steps in so many epochs, one at least.

    >>> steps_of(examples=1000, batch=64, epochs=2)
    30
    """
    return max(1, round(epochs * (examples // min(batch, examples))))


@lru_cache(maxsize=2)
def _order(examples: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(examples)
