"""Initial weights of a task before the shop has labels: figures of shops in general from publications."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.scorecard import KNOTS, ScorecardLayout

EXAMPLES = 20.0
"""Number of examples that the initial rate counts as."""


@dataclass(frozen=True)
class InitialWeights:
    """A first scorecard, without pairs."""

    bias: float
    lines: Mapping[str, tuple[float, ...]]
    """By input: its part of the score at 0, 1, 2 and so on; beyond the last one it stays."""

    def tables(self, layout: ScorecardLayout) -> npt.NDArray[np.float64]:
        """The lines as a scorecard has them, (inputs, KNOTS). ValueError for an input that there is not."""
        tables = np.zeros((len(layout.inputs), KNOTS))
        for name, knots in self.lines.items():
            tables[layout.place(name)] = (*knots, *[knots[-1]] * (KNOTS - len(knots)))
        return tables
