"""Scorecards: predictors as tables of numbers; workers get every model in this form, whichever algorithm learnt it.

score = bias + sum over inputs of a piecewise linear function + sum over pairs of a table of both.
probability = a rising piecewise linear function of the score. A linear model is a scorecard without pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.packed import unpack
from liveprofile.models.snapshot import SnapshotError

ONE = 256
"""What stands for 1 in an input."""
KNOTS = 13
"""Each input's function is given at 0, 1 .. 12."""
STEPS = 6
"""The inputs of a pair are divided into 6 steps: 0 to 1, 1 to 2 .. 5 and above."""
CURVE = 17
"""Knots of the calibration curve from score to probability."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ScorecardLayout:
    """What the numbers of a scorecard are about. Whoever has the inputs names them; models know none of them.

    >>> layout = ScorecardLayout(("carts", "orders"), (("orders", "carts"),))
    >>> layout.places_of_pairs, layout.shapes["tables"]
    (((1, 0),), (2, 13))
    """

    inputs: tuple[str, ...]
    """Names of the numbers that predictions are made from, in the order of the examples."""
    pairs: tuple[tuple[str, str], ...]
    """Inputs whose effects may depend on each other."""

    def place(self, name: str) -> int:
        """Where an input stands. ValueError for one that there is not."""
        if name not in self.inputs:
            raise ValueError(f"no input {name!r}: inputs are {', '.join(self.inputs)}")
        return self.inputs.index(name)

    @cached_property
    def places_of_pairs(self) -> tuple[tuple[int, int], ...]:
        """Where both inputs of each pair stand."""
        return tuple((self.place(first), self.place(second)) for first, second in self.pairs)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Arrays of an adoption and their shape for one task."""
        return {
            "bias": (),
            "tables": (len(self.inputs), KNOTS),
            "pairs": (len(self.pairs), STEPS, STEPS),
            "usual": (len(self.inputs),),
            "curve": (CURVE, 3),
        }


@dataclass(frozen=True, eq=False)
class Scorecards:
    """One scorecard for each of t tasks; a task that is not `ready` has no model yet."""

    label: str
    """The model's name in output records, such as linear@12."""
    ready: npt.NDArray[np.bool_]
    """(t,)"""
    rate: Floats
    """(t,) share of positive labels."""
    bias: Floats
    """(t,)"""
    tables: Floats
    """(t, inputs, KNOTS)"""
    pairs: Floats
    """(t, pairs, STEPS, STEPS)"""
    usual: Floats
    """(t, INPUTS) the mean of each input's part of the score; a larger part is given as a reason."""
    curve: Floats
    """(t, CURVE, 3) score, probability, and the number of examples behind it."""
    record: dict[str, Any]
    """The adoption record as it was in the log; it is stored with the state."""

    @property
    def tasks(self) -> int:
        """How many tasks there are."""
        return len(self.ready)

    @classmethod
    def from_record(cls, record: dict[str, Any], layout: ScorecardLayout) -> "Scorecards":
        """Read an adoption. SnapshotError where its numbers do not fit together."""
        try:
            tasks = len(record["ready"])
            return cls(
                label=f"{record['name']}@{record['version']}",
                ready=np.array(record["ready"], dtype=bool),
                rate=np.array(record["rate"], dtype=float).reshape(tasks),
                **{name: unpack(record[name], (tasks, *shape)) for name, shape in layout.shapes.items()},
                record=record,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SnapshotError(
                f"not an adopted predictor: {error!r}; see liveprofile.models.learners.scorecard"
            ) from error


def no_scorecards(tasks: int, layout: ScorecardLayout) -> Scorecards:
    """Before the first adoption: no task is ready."""
    zeros = {name: np.zeros((tasks, *shape)) for name, shape in layout.shapes.items()}
    return Scorecards("none", np.zeros(tasks, dtype=bool), np.zeros(tasks), **zeros, record={})
