"""What a learner is to us: takes examples of one kind, gives numbers to judge by, can be stopped and go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from liveprofile.models.clusterers.port import StateMismatchError

__all__ = ["Learner", "Schedule", "ScheduledLearner", "StateMismatchError"]

State = Mapping[str, Any]


class Learner(Protocol):
    """Learns one example at a time. The same examples in the same order give the same bits.

    `restore(snapshot())` on another object and learning on gives the same bits as never having stopped.
    """

    @property
    def what(self) -> str:
        """The part that it plays, such as clusterer: of each there is one model in force."""

    @property
    def name(self) -> str:
        """The algorithm, such as kmeans: with the number of a version it is what facts name."""

    @property
    def kind(self) -> int:
        """The kind of example that it takes, see `profiles.records.training_example.ExampleKind`."""

    @property
    def dims(self) -> int:
        """How many numbers such an example has; examples with another count are passed over."""

    def learn(self, x: np.void, text: str) -> None:
        """Learn an example: its fields as `profiles.records.training_example` draws them, and the text behind them."""

    def adoption(self) -> dict[str, Any] | None:
        """The numbers that workers judge by, ready for JSON; None while too little was seen.

        Called once with each version that is due, before the snapshot: a learner may forget something then.
        """

    def events(self) -> list[dict[str, Any]]:
        """What became known since the last call, for `model-events`: each with its `type`."""

    def snapshot(self) -> dict[str, Any]:
        """The whole training state in numbers, lists and names, ready for JSON; floats survive it exactly."""

    def restore(self, state: State) -> None:
        """Take over a snapshot.

        StateMismatchError when it was made with other parameters: the learner begins anew, and of the state it has
        taken over only what must never be given twice, such as ids.
        """


@dataclass(frozen=True)
class Schedule:
    """When a model version is due, by the number of examples learnt: by count alone, so that it can be recomputed."""

    first_after: int = 100
    """The first version, early, so that there is a model soon."""
    every: int = 500
    """Then at every multiple of this."""
    doubling: bool = False
    """Whether it is also due each time that there are twice as many as at the first, and again, before `every`."""

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
