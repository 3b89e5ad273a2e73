"""What can be measured of one method on the cases of a task, and measured again on any draw of their users."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float64]
"""How often each user was drawn (draws, users)."""
Drawn = npt.NDArray[np.float64]
"""The metrics of each draw (draws, metrics), in the order of the figures; NaN where there is nothing to measure."""

LOWER_IS_BETTER = frozenset({"log_loss", "ece", "silent", "median_s_to_detect", "false_alerts_per_1000_users_a_day"})
"""All other metrics are the better, the higher they are."""


class Measure(Protocol):
    """One method's metrics."""

    @property
    def figures(self) -> Mapping[str, float]:
        """By metric, on all cases as they are; NaN where there is nothing to measure."""
        ...

    def drawn(self, weights: Weights) -> Drawn:
        """On cases that count as often as their users were drawn."""
        ...
