"""How far a partition of `activity` is folded: the record of the topic `progress`, keyed by the partition's number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from liveprofile.profiles.records.coordinates import lasting_offset, source_code, source_name
from liveprofile.streams.contract.marks import lane_of


class PartitionProgress(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of the named input records, and belongs to this partition, is folded, and its facts are durable."""

    through: int = -1
    """The last offset of `activity` that is folded, with durable facts; -1 for none."""
    at_ms: int = 0
    """When this was published, epoch milliseconds by the worker's clock."""
    activity_ms: int = 0
    """The broker's time of the newest folded record of `activity`; 0 for none."""
    checkpoint_ms: int = 0
    """When the last checkpoint was durable, by the worker's clock; 0 for none by this worker."""
    loading: bool = False
    """Whether the owner is still loading the partition's profiles; positions are those of the owner before."""
    generation: int = 1
    """Of the state that serves."""
    assigned_ms: int = 0
    """Since when the owner has the partition, by its clock."""
    assignments: int = 0
    """How often it was assigned to a worker."""
    inputs: dict[str, int] = {}
    """By input partition, such as clicks/0: the offset up to and including which its records have been folded. A
    topic that replaced another has its generation in the name, such as clicks@1/0."""
    shown: dict[str, int] = {}
    """As `inputs`, of what a checkpoint covers: the snapshots of all profiles that have changed are durable, too."""

    def encode(self) -> bytes:
        """The value of the record."""
        return msgspec.json.encode(self)


def decode_progress(value: bytes | None) -> PartitionProgress | None:
    """The progress of a record; None for what is none."""
    try:
        return msgspec.json.decode(value or b"", type=PartitionProgress)
    except msgspec.MsgspecError:
        return None


def later_of(one: PartitionProgress, other: PartitionProgress) -> PartitionProgress:
    """What is known by two records of one partition, in any order: what was durable once, stays durable.

    >>> first = PartitionProgress(through=9, at_ms=1, inputs={"clicks/0": 5})
    >>> again = PartitionProgress(through=7, at_ms=2, inputs={"clicks/0": 4, "searches/0": 0})
    >>> later_of(first, again).inputs, later_of(first, again).through
    ({'clicks/0': 5, 'searches/0': 0}, 9)
    """
    newer, older = (one, other) if one.at_ms > other.at_ms else (other, one)
    return msgspec.structs.replace(
        newer,
        through=max(one.through, other.through),
        activity_ms=max(one.activity_ms, other.activity_ms),
        checkpoint_ms=max(one.checkpoint_ms, other.checkpoint_ms),
        assignments=max(one.assignments, other.assignments),
        inputs=_highest(older.inputs, newer.inputs),
        shown=_highest(older.shown, newer.shown),
    )


def _highest(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return dict(one) | {name: max(offset, one.get(name, -1)) for name, offset in other.items()}


def named_positions(places: Iterable[int]) -> Mapping[str, int]:
    """Places as names of input partitions and offsets; of a topic that was replaced, those of the newest generation.

    >>> from liveprofile.profiles.records.coordinates import lasting_offset, source_code
    >>> named_positions([source_code("clicks", 0, 7), source_code("reviews", 3, lasting_offset(1, 2))])
    {'clicks/0': 7, 'reviews@1/3': 2}
    """
    newest: dict[int, int] = {}
    for place in places:
        lane = lane_of(place)
        newest[lane] = max(place, newest.get(lane, -1))
    named = (source_name(place).rpartition("/") for place in newest.values())
    return {name: int(offset) for name, _, offset in named}


def places_named(inputs: Mapping[str, int]) -> list[int]:
    """The places of `named_positions`; what names no input is left out.

    >>> named_positions(places_named({"clicks/0": 7, "reviews@1/3": 2, "unheard-of/0": 1}))
    {'clicks/0': 7, 'reviews@1/3': 2}
    """
    places = []
    for name, offset in inputs.items():
        origin, _, partition = name.rpartition("/")
        topic, _, generation = origin.partition("@")
        try:
            places.append(source_code(topic, int(partition), lasting_offset(int(generation or 0), offset)))
        except ValueError:
            continue
    return places
