"""The fields of a record that its input does not have, and those among them that look like a field that it has."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from liveprofile.streams.contract.event_names import NAMING
from liveprofile.streams.contract.inputs import INPUTS, Item
from liveprofile.streams.contract.near_names import missing, near
from liveprofile.streams.contract.refusals import Reason
from liveprofile.streams.stages.ingest.decode import OWN
from liveprofile.streams.stages.ingest.ubi import is_ubi

SHAPES = 1_024
"""Remembered sets of field names; records of one producer have few."""
MOST_NAMES, MOST_CHARS = 100, 4_096
"""A record with more fields, or with longer names together, is not looked at."""
ITEMS = 50
"""Lines of an order that are looked at."""
ELSEWHERE = frozenset({Reason.FOREIGN_RECORD, Reason.WRONG_TOPIC, Reason.NOT_AN_ACT})
"""Refusals that say already what the record is: its fields are another system's."""
_KNOWN = {topic: struct.__struct_fields__ for topic, struct in INPUTS.items()}
_ITEM = Item.__struct_fields__
_NAMES = msgspec.json.Decoder(dict[str, Raw])
_LINES = msgspec.json.Decoder(list[dict[str, Raw]])


class NearMiss(NamedTuple):
    """An unknown field that looks like a known one; both begin with `items.` in a line of an order."""

    unknown: str
    known: str


class Shape(NamedTuple):
    """What the names of a record's fields say."""

    known: frozenset[str]
    """Fields of the input."""
    unknown: tuple[str, ...]
    """Other fields that look like none of the input."""
    near: tuple[NearMiss, ...]


NOTHING = Shape(frozenset(), (), ())


class UnknownFields:
    """Looks at the names of a record's fields; remembers the answers by set of names."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, ...], Shape] = {}

    def shape(self, topic: str, value: bytes) -> Shape:
        """What the names of a record say; nothing for bytes that are no JSON object, or a record of UBI."""
        try:
            fields = _NAMES.decode(value)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return NOTHING
        if is_ubi(fields, not OWN[topic].isdisjoint(fields)):
            return NOTHING
        found = self._of((topic, *fields), _KNOWN[topic])
        if topic != "purchases" or "items" not in fields:
            return found
        return _joined(found, [self._of(("items", *line), _ITEM) for line in _lines(fields["items"])])

    def _of(self, names: tuple[str, ...], known: tuple[str, ...]) -> Shape:
        shape = self._shapes.get(names)
        if shape is None:
            if len(names) > MOST_NAMES or sum(map(len, names)) > MOST_CHARS:
                return NOTHING
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            shape = self._shapes[names] = _shape(names[1:], known, top=names[0] != "items")
        return shape


def _lines(raw: Raw) -> Iterable[Mapping[str, Any]]:
    try:
        return _LINES.decode(raw)[:ITEMS]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ()


def _shape(names: tuple[str, ...], known: tuple[str, ...], *, top: bool) -> Shape:
    begin = "" if top else "items."
    absent = missing(names, known)
    unknown, misses = [], []
    for name in names:
        if name in known or (top and name in NAMING):
            continue
        looks_like = near(name, absent)
        if looks_like is None:
            unknown.append(begin + name)
        else:
            misses.append(NearMiss(begin + name, begin + looks_like))
    return Shape(frozenset(begin + name for name in names if name in known), tuple(unknown), tuple(misses))


def _joined(first: Shape, others: list[Shape]) -> Shape:
    known, unknown, misses = set(first.known), dict.fromkeys(first.unknown), dict.fromkeys(first.near)
    for one in others:
        known |= one.known
        unknown |= dict.fromkeys(one.unknown)
        misses |= dict.fromkeys(one.near)
    return Shape(frozenset(known), tuple(unknown), tuple(misses))
