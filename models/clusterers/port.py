"""The interface of a clusterer: it learns one example at a time, and its state can be saved and restored."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from liveprofile.errors import LiveprofileError

Ids = npt.NDArray[np.int64]
Points = npt.NDArray[np.int16]
State = Mapping[str, Any]


class Clusterer(Protocol):
    """Groups points that arrive one by one.

    Points and centres are int16, see `models.fixed_point`. The same examples in the same order give the same state,
    on one version of River and Python. An object that is restored from a snapshot and learns on gives the same bits as
    one that never stopped.
    """

    name: str
    dims: int

    @property
    def next_id(self) -> int:
        """The least id that was never assigned; it grows with each new id."""

    def learn(self, x: Points) -> None:
        """Learn one example of shape (dims,). ValueError on another shape."""

    def centres(self) -> tuple[Ids, Points]:
        """Stable ids of shape (c,) and centres of shape (c, dims); c is 0 before there are enough examples."""

    def snapshot(self) -> dict[str, Any]:
        """The whole training state in numbers, lists and names, ready for JSON; floats survive it exactly."""

    def restore(self, state: State) -> None:
        """Load a snapshot. StateMismatchError if it was made with other parameters."""


class StateMismatchError(LiveprofileError, ValueError):
    """A training state of another clusterer or of other parameters; a new start helps, a retry does not."""

    next_step = "Start this learner afresh, or give back the parameters that the state was written with."


def require_shape(x: Points, dims: int) -> None:
    """ValueError unless `x` is one point of `dims` dimensions."""
    if x.shape != (dims,):
        raise ValueError(f"x has shape {x.shape}, expected ({dims},): learn takes one example of the clusterer's dims")


def require_same(name: str, parameters: State, state: State) -> None:
    """StateMismatchError unless `state` was written by `name` with these parameters."""
    if state.get("name") != name or state.get("parameters") != parameters:
        raise StateMismatchError(
            f"the training state is of {state.get('name')} with {state.get('parameters')}, the configuration says "
            f"{name} with {dict(parameters)}: put the configuration back, or start a new learner"
        )
