"""Scorecards: predictors as tables of numbers; workers get every model in this form, whichever algorithm learnt it.

score = bias + sum over inputs of a piecewise linear function + sum over pairs of a table of both.
probability = a rising piecewise linear function of the score. A linear model is a scorecard without pairs.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.snapshot import SnapshotError

ONE = 256
"""The number that stands for 1 in an input."""
INPUTS = 26
"""Number of inputs of a prediction."""
KNOTS = 13
"""Each input's function has knots at 0, 1 .. 12."""
PAIRS = ((2, 15), (0, 5), (1, 2), (19, 20), (17, 18), (20, 24), (14, 21), (4, 11))
"""Pairs of inputs with an interaction."""
STEPS = 6
"""The inputs of a pair are divided into 6 steps: 0 to 1, 1 to 2 .. 5 and above."""
CURVE = 17
"""Knots of the calibration curve from score to probability."""

Floats = npt.NDArray[np.float64]


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
    """(t, INPUTS, KNOTS)"""
    pairs: Floats
    """(t, len(PAIRS), STEPS, STEPS)"""
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
    def from_record(cls, record: dict[str, Any]) -> "Scorecards":
        """Decode an adoption record. SnapshotError if its numbers do not fit together."""
        try:
            tasks = len(record["ready"])
            return cls(
                label=f"{record['name']}@{record['version']}",
                ready=np.array(record["ready"], dtype=bool),
                rate=np.array(record["rate"], dtype=float).reshape(tasks),
                **{name: unpack(record[name], (tasks, *shape)) for name, shape in SHAPES.items()},
                record=record,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SnapshotError(
                f"not an adopted predictor: {error!r}; see liveprofile.models.learners.scorecard"
            ) from error


SHAPES: Mapping[str, tuple[int, ...]] = {
    "bias": (),
    "tables": (INPUTS, KNOTS),
    "pairs": (len(PAIRS), STEPS, STEPS),
    "usual": (INPUTS,),
    "curve": (CURVE, 3),
}
"""Arrays of an adoption record, and their shape for one task."""


def pack(numbers: Floats) -> str:
    """Numbers as base64 of little-endian float16: the error of 0.05% does not show in a probability."""
    return b64encode(np.clip(numbers, -60_000, 60_000).astype("<f2").tobytes()).decode("ascii")


def unpack(text: str, shape: tuple[int, ...]) -> Floats:
    """Decode. ValueError for another count of numbers."""
    return np.frombuffer(b64decode(text, validate=True), dtype="<f2").astype(float).reshape(shape)


def no_scorecards(tasks: int) -> Scorecards:
    """Before the first adoption: no task is ready."""
    zeros = {name: np.zeros((tasks, *shape)) for name, shape in SHAPES.items()}
    return Scorecards("none", np.zeros(tasks, dtype=bool), np.zeros(tasks), **zeros, record={})
