"""The interface of metrics: one method on the cases of a task, and on bootstrap draws of their users."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float64]
"""Number of times each user was drawn (draws, users)."""
Drawn = npt.NDArray[np.float64]
"""The metrics of each draw (draws, metrics), in the order of the figures; NaN if undefined."""

LOWER_IS_BETTER = frozenset({"log_loss", "ece", "silent", "median_s_to_detect", "false_alerts_per_1000_users_a_day"})
"""All other metrics are better if higher."""


class Measure(Protocol):
    """One method's metrics."""

    @property
    def figures(self) -> Mapping[str, float]:
        """By metric, on all cases; NaN if undefined."""
        ...

    def drawn(self, weights: Weights) -> Drawn:
        """On cases weighted by the number of times their users were drawn."""
        ...
