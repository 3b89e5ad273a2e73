"""What a task gives: its cases one by one, so that every figure, interval and plot is made from them in one way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

OURS = "liveprofile"
"""The method that all others are compared with."""
OPEN, BARRED = "open", "barred"
"""Items of the history are candidates, too; or they are not."""

Ranks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where each method put the item that came next.

    Ranks count from 0, the best place. A tie takes the middle of its places. Where history items are barred and the
    item that came is one of them, no place is right: give it rank `items`.
    """

    task: str
    users: npt.NDArray[Any]
    """Whose case it was (n,): intervals draw users, not cases."""
    times_ms: npt.NDArray[np.int64]
    """When (n,), or the number of the case where there is no time: the plot over time needs an order."""
    items: int
    """How many candidates there were."""
    ranks: Mapping[str, Mapping[str, Ranks]]
    """Method -> `OPEN` or `BARRED` -> ranks (n,)."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Other figures of the run, for the JSON and the report: what was learnt, how long it took, what was skipped."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What each method said before it was known whether something happens."""

    task: str
    users: npt.NDArray[Any]
    times_ms: npt.NDArray[np.int64]
    happened: npt.NDArray[np.bool_]
    probabilities: Mapping[str, npt.NDArray[np.float64]]
    """Method -> chances (n,) between 0 and 1: also judged as numbers (log loss, calibration)."""
    scores: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    """Method -> scores (n,) that only rank, the higher the likelier."""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figured:
    """A task whose figures are no means over cases, such as how well clusters agree with categories."""

    task: str
    n: int
    methods: Mapping[str, Mapping[str, float | None]]
    details: Mapping[str, Any] = field(default_factory=dict)


Cases = Ranked | Forecast | Figured
