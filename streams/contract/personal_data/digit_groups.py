"""Numbers as people write them: groups of digits with separators between them, whatever these are."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

_SEPARATOR = r"(?:[^\w\x02\x03]|_)"
_SEQUENCE = re.compile(rf"[0-9]++(?:{_SEPARATOR}{{1,3}}+[0-9]++)*+")
_GROUP = re.compile(r"[0-9]+")
_FEWEST_SPELLED = 7
"""So many single digits one after the other are one number that is written digit by digit."""
_MOST_GROUPS, _MOST_DIGITS = 8, 20
"""A number has no more groups: +33 6 12 34 56 78 has six, a French social security number seven."""
_NEAR = 30
"""Numbers that differ by no more are a list of years, sizes or models."""
_ROUND = 5
_LONG_ROW = 5
"""So many groups of one length are a list; only a card is written in four, and may stand among them."""
_USUAL = frozenset(" .-/()\x01")
"""Characters that separate the groups of a telephone or identity number; a comma or × lists numbers."""


class Group(NamedTuple):
    """Digits without a separator, or single digits that are spelled out: their place in the text and the digits."""

    start: int
    end: int
    digits: str


class Window(NamedTuple):
    """A run of groups: first and last place, the lengths of the groups ("3-4-4"), and all digits."""

    first: int
    last: int
    shape: str
    digits: str


class Sequence(NamedTuple):
    """Groups that only separators divide; `folded` is the text that they stand in."""

    folded: str
    groups: list[Group]

    def parts(self, window: Window) -> list[str]:
        """The digits of each group."""
        return [group.digits for group in self.groups[window.first : window.last + 1]]

    def separator(self, place: int) -> str:
        """What stands before a group: at most three characters."""
        start = self.groups[place].start
        return self.folded[self.groups[place - 1].end if place else max(0, start - 3) : start]

    def separators(self, window: Window) -> list[str]:
        """What stands between the groups."""
        return [self.separator(place) for place in range(window.first + 1, window.last + 1)]

    def is_usual(self, window: Window) -> bool:
        """Whether the groups are separated as those of a telephone number are, by at most two signs."""
        return all(_USUAL.issuperset(one) and len(one.strip(" ")) <= 2 for one in self.separators(window))

    def in_rows(self) -> list[bool]:
        """For each group, whether it is one of many of one length in a row: years, sizes or models."""
        lengths = [len(group.digits) for group in self.groups]
        rows: list[bool] = []
        for length, row in groupby(lengths):
            count = len(list(row))
            rows += [count >= _LONG_ROW and length > 2] * count
        return rows

    def opens(self, first: int) -> bool:
        """Whether a number can begin with this group: no word, code or decimal number runs into it.

        A code such as ABC-0612345678 is one word with what follows.
        """
        start = self.groups[first].start
        before = self.folded[max(0, start - 2) : start]
        last = before[-1:]
        if last.isascii() and (last.isalnum() or last == "_"):
            return False
        tight = before[:1] if len(before) == 2 else ""
        if last in ("-", "/", ","):
            return not (tight.isascii() and tight.isalnum())
        return not (last == "." and tight.isdigit())

    def closes(self, last: int) -> bool:
        """Whether a number can end with this group."""
        end = self.groups[last].end
        after, further = self.folded[end : end + 1], self.folded[end + 1 : end + 2]
        if after.isascii() and (after.isalnum() or after == "_"):
            return False
        return not (after == "-" and further.isascii() and further.isalnum())

    def is_list(self, window: Window) -> bool:
        """Whether the groups are years, sizes or models: near each other, all round, all with a zero in front, or part
        of a longer row of groups of one length.
        """
        if window.first == window.last:
            return False
        parts = self.parts(window)
        values = [int(part) for part in parts]
        if all(value % _ROUND == 0 and len(part) < 5 for value, part in zip(values, parts, strict=True)):
            return True
        if len({len(part) for part in parts}) > 1:
            return False
        if all(abs(one - other) <= _NEAR for one, other in pairwise(values)) and _are_sizes_or_years(parts[0], values):
            return True
        if len(parts) > 2 and len(parts[0]) > 2 and all(part[0] == "0" for part in parts):
            return True
        beside = (window.first - 1, window.last + 1)
        return any(0 <= one < len(self.groups) and len(self.groups[one].digits) == len(parts[0]) for one in beside)


def _are_sizes_or_years(part: str, values: list[int]) -> bool:
    """Whether numbers that are near each other have three digits, or are years."""
    return len(part) == 3 or (len(part) == 4 and all(1900 <= value <= 2100 for value in values))


def sequences(folded: str, fewest_digits: int) -> Iterator[Sequence]:
    """All sequences of groups with at least so many digits."""
    for match in _SEQUENCE.finditer(folded):
        if match.end() - match.start() < fewest_digits:
            continue
        groups = [Group(one.start(), one.end(), one[0]) for one in _GROUP.finditer(folded, *match.span())]
        if sum(len(group.digits) for group in groups) >= fewest_digits:
            yield Sequence(folded, _joined(groups))


def _joined(groups: list[Group]) -> list[Group]:
    """The groups, with single digits that are spelled out as one group."""
    if len(groups) < _FEWEST_SPELLED:
        return groups
    joined: list[Group] = []
    place = 0
    while place < len(groups):
        end = place
        while end < len(groups) and len(groups[end].digits) == 1:
            end += 1
        if end - place >= _FEWEST_SPELLED:
            digits = "".join(group.digits for group in groups[place:end])
            joined.append(Group(groups[place].start, groups[end - 1].end, digits))
        else:
            joined += groups[place : max(end, place + 1)]
        place = max(end, place + 1)
    return joined


_Node = dict[int, "_Node"]
_END = 0
"""The key of a node at which a shape ends."""


class Shapes:
    """The shapes that numbers of a kind are written in, by the lengths of their groups."""

    def __init__(self, shapes: Iterable[str]) -> None:
        """Each shape as lengths with dashes between them: "3-4-4"."""
        self._first: _Node = {}
        for shape in shapes:
            node = self._first
            for length in map(int, shape.split("-")):
                node = node.setdefault(length, {})
            node[_END] = {}

    def windows(self, sequence: Sequence, first: int, any_shape: bool) -> list[Window]:
        """The runs of groups that begin at `first` and have one of the shapes, or any; the longest first."""
        groups, found = sequence.groups, []
        node: _Node | None = self._first
        count = 0
        for last in range(first, min(len(groups), first + _MOST_GROUPS)):
            length = len(groups[last].digits)
            node = node.get(length) if node is not None else None
            count += length
            if (node is None and not any_shape) or count > _MOST_DIGITS:
                break
            if any_shape or (node is not None and _END in node):
                parts = [group.digits for group in groups[first : last + 1]]
                found.append(Window(first, last, "-".join([str(len(part)) for part in parts]), "".join(parts)))
        found.reverse()
        return found
