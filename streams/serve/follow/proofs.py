"""Proves how far inputs are in the store: what a worker has told of them, once the store has all that came before.

A worker tells of an input when everything that came of it is durable. The ends of the topics are asked after that, so
they are behind all of it. A store that has read up to these ends has it all, in whatever order topics are read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from liveprofile.streams.contract.partition_progress import PartitionProgress, later_of

Ends = Mapping[tuple[str, int], int]
"""By topic and partition: the offset behind the last record."""
Reached = Callable[[str, int], int | None]
"""The offset behind the last record of a partition that is in the store; None for one that is not followed."""
MOST_WAITING = 64
_Offsets = Mapping[tuple[str, int], int]
"""By input topic, without prefix, and partition: the offset of its newest generation."""


class Proved(NamedTuple):
    """What is proved for one partition of profiles."""

    told: PartitionProgress
    facts: _Offsets
    """Changes, anomalies, and the snapshots that were asked for at once are in the store."""
    shown: _Offsets
    """The snapshots of all profiles that have changed are, too."""


class Proofs:
    """What was told, until it is proved; one thread writes, any may read."""

    def __init__(self) -> None:
        self._told: dict[int, deque[tuple[PartitionProgress, Ends]]] = {}
        self._proved: dict[int, Proved] = {}

    def told(self, number: int, progress: PartitionProgress, ends: Ends) -> None:
        """A worker has told of a partition, no less than before; `ends` were asked afterwards."""
        waiting = self._told.setdefault(number, deque())
        if len(waiting) >= MOST_WAITING:
            waiting.pop()  # what is told later has all of it
        waiting.append((progress, ends))

    def advance(self, reached: Reached) -> bool:
        """The store has gone on; whether that proves more."""
        more = False
        for number, waiting in self._told.items():
            newest: PartitionProgress | None = None
            while waiting and all((reached(*place) or 0) >= end for place, end in waiting[0][1].items()):
                told = waiting.popleft()[0]
                newest = told if newest is None else later_of(newest, told)
            if newest is not None:
                before = self._proved.get(number)
                told = newest if before is None else later_of(before.told, newest)
                self._proved[number] = Proved(told, _offsets(told.inputs), _offsets(told.shown))
                more = True
        return more

    def short(self, reached: Reached) -> list[tuple[str, int]]:
        """Topics and partitions that what was told next waits for."""
        ends = [waiting[0][1] for waiting in self._told.values() if waiting]
        return [place for one in ends for place, end in one.items() if (reached(*place) or 0) < end]

    def through(self, topic: str, partition: int, number: int, *, at_once: bool) -> int:
        """The offset of an input through which a partition of profiles has everything; -1 where nothing is proved.

        `at_once`: the record asks that the profile's snapshot comes with the facts.
        """
        if (proved := self._proved.get(number)) is None:
            return -1
        return (proved.facts if at_once else proved.shown).get((topic, partition), -1)

    def places(self) -> list[tuple[str, int]]:
        """Inputs of which anything is proved."""
        return sorted({place for proved in self._proved.values() for place in proved.shown})


def _offsets(inputs: Mapping[str, int]) -> _Offsets:
    """Offsets by topic and partition; those of the topic that was there last.

    >>> _offsets({"clicks/0": 900, "clicks@1/0": 7, "searches/1": 2})
    {('clicks', 0): 7, ('searches', 1): 2}
    """
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for name, offset in inputs.items():
        origin, _, partition = name.rpartition("/")
        topic, _, generation = origin.partition("@")
        place = topic, int(partition)
        found[place] = max((int(generation or 0), offset), found.get(place, (-1, -1)))
    return {place: offset for place, (_, offset) in found.items()}
