"""The interface of a learner: it learns examples of one kind, gives model parameters, and can be saved and restored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from liveprofile.models.clusterers.port import StateMismatchError

__all__ = ["Learner", "Schedule", "ScheduledLearner", "StateMismatchError"]

State = Mapping[str, Any]


class Learner(Protocol):
    """Learns one example at a time. The same examples in the same order give the same bits.

    An object that is restored from a snapshot and learns on gives the same bits as one that never stopped.
    """

    @property
    def what(self) -> str:
        """The role, such as clusterer; each role has one model in force."""

    @property
    def name(self) -> str:
        """The algorithm, such as kmeans; output records name it together with the version."""

    @property
    def kind(self) -> int:
        """The kind of example that it learns, see `profiles.records.training_example.ExampleKind`."""

    @property
    def dims(self) -> int:
        """How many numbers such an example has; examples with another count are skipped."""

    def learn(self, x: np.void, text: str) -> None:
        """Learn an example: its fields as `profiles.records.training_example` defines them, and its text."""

    def adoption(self) -> dict[str, Any] | None:
        """The model parameters for the workers, ready for JSON; None before there are enough examples.

        Called once for each version that is due, before the snapshot; a learner may reset counters then.
        """

    def events(self) -> list[dict[str, Any]]:
        """Events since the last call, for `model-events`: each has a `type`."""

    def snapshot(self) -> dict[str, Any]:
        """The whole training state in numbers, lists and names, ready for JSON; floats survive it exactly."""

    def restore(self, state: State) -> None:
        """Load a snapshot.

        StateMismatchError if it was made with other parameters. The learner then starts anew, and takes from the
        snapshot only what must never be reused, such as ids.
        """


@dataclass(frozen=True)
class Schedule:
    """When a model version is due. It depends on the number of learnt examples alone, so that it can be recomputed."""

    first_after: int = 100
    """Examples before the first version: few, so that there is a model soon."""
    every: int = 500
    """Later versions are due at every multiple of this."""
    doubling: bool = False
    """Whether a version is also due at 2, 4, 8 … times `first_after`, below `every`."""

    def __post_init__(self) -> None:
        if min(self.first_after, self.every) < 1:
            raise ValueError(f"first_after={self.first_after}, every={self.every}: both must be 1 or more")

    def due(self, examples: int) -> bool:
        """Whether a version is due after this many examples.

        >>> [n for n in range(1, 1001) if Schedule().due(n)]
        [100, 500, 1000]
        >>> [n for n in range(1, 1001) if Schedule(doubling=True).due(n)]
        [100, 200, 400, 500, 1000]
        """
        if examples == self.first_after or examples % self.every == 0:
            return True
        times, rest = divmod(examples, self.first_after)
        return self.doubling and examples < self.every and rest == 0 and times.bit_count() == 1


@dataclass(frozen=True)
class ScheduledLearner:
    """A learner and its schedule."""

    learner: Learner
    schedule: Schedule
