"""The results of a task: single cases, from which all figures, intervals and plots are computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

OURS = "liveprofile"
"""The method that all others are compared with."""
OPEN, BARRED = "open", "barred"
"""Whether items of the history are candidates (open) or not (barred)."""

Ranks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Ranks of the true next item by method.

    Ranks count from 0, the best. A tie gets the middle rank. If history items are barred and the true item is one of
    them, no rank is right: give it rank `items`.
    """

    task: str
    users: npt.NDArray[Any]
    """The user of each case (n,): intervals draw users, not cases."""
    times_ms: npt.NDArray[np.int64]
    """Time of each case (n,), or its number if there is no time: the plot over time needs an order."""
    items: int
    """Number of candidates."""
    ranks: Mapping[str, Mapping[str, Ranks]]
    """Method -> `OPEN` or `BARRED` -> ranks (n,)."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Other figures of the run, for JSON and report: models, times, skipped records."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Predictions of each method, and whether the predicted event happened."""

    task: str
    users: npt.NDArray[Any]
    times_ms: npt.NDArray[np.int64]
    happened: npt.NDArray[np.bool_]
    probabilities: Mapping[str, npt.NDArray[np.float64]]
    """Method -> probabilities (n,) between 0 and 1: also evaluated as numbers (log loss, calibration)."""
    scores: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    """Method -> scores (n,) that only rank; higher means more probable."""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figured:
    """A task with figures that are not means over cases, such as the agreement of clusters with categories."""

    task: str
    n: int
    methods: Mapping[str, Mapping[str, float | None]]
    details: Mapping[str, Any] = field(default_factory=dict)


Cases = Ranked | Forecast | Figured
