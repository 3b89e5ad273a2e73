"""Lowered rules: atoms, lookups and programs for compiled code, and the way back from their numbers to text.

An atom compares one feature with one constant. A program combines atoms in postfix order.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from liveprofile.profiles.segments.features import ANOMALY, DECLARED, FEATURES
from liveprofile.profiles.traits.attributes import shipped

LESS, AT_MOST, MORE, AT_LEAST, EQUAL, NOT_EQUAL = range(6)
"""Operators of atoms."""
SIGNS = ("<", "<=", ">", ">=", "==", "!=")
AND, OR, NOT = -1, -2, -3
"""Codes of a program below 0; the others are places of atoms, which push the truth of the atom."""
STATE: Final = "lifecycle.state"
"""The feature with the lifecycle states as values."""


class Lookup(NamedTuple):
    """The lookup of a keyed feature."""

    what: int
    scale: int
    key: int
    """The digest, or the place, of its key."""


class Atom(NamedTuple):
    """One comparison of a feature with a constant."""

    place: int
    """Place of the feature; beyond `FEATURES`, of a lookup."""
    operator: int
    constant: float


@dataclass(slots=True)
class Lowered:
    """Atoms and lookups shared by the expressions of a rule set: each is there once."""

    states: tuple[str, ...] = ()
    """Names of the lifecycle states, by number; the first is the empty name of none."""
    atoms: list[Atom] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    lookup_names: list[str] = field(default_factory=list)
    declared_names: dict[int, str] = field(default_factory=dict)
    """Declared values in rules, by digest."""

    def atom_words(self, at: int) -> str:
        """An atom in the syntax of rules."""
        place, operator, constant = self.atoms[at]
        if self._what(place) == ANOMALY:
            return self.feature_name(place)
        return f"{self.feature_name(place)} {SIGNS[operator]} {self.constant_words(place, constant)}"

    def constant_words(self, place: int, constant: float) -> str:
        """A constant in the syntax of rules."""
        name = self.value_name(place, constant)
        if name is None:
            return f"{constant:g}"
        return name if self._what(place) == ANOMALY else f'"{name}"'

    def value_name(self, place: int, value: float) -> str | None:
        """The name of a value of an enumeration, a declared attribute or a truth; None for a number."""
        if self._what(place) == ANOMALY:
            return "true" if value else "false"
        if self._what(place) == DECLARED:
            attribute, digest = self.lookups[place - len(FEATURES)].key, int(value)
            return self.declared_names.get(digest) or shipped().value_of(attribute, digest) or _unknown_value(digest)
        values = self.values_of(place)
        return values[int(value)] if values else None

    def _what(self, place: int) -> int | None:
        """The table of a lookup; None for a plain feature."""
        return None if place < len(FEATURES) else self.lookups[place - len(FEATURES)].what

    def feature_name(self, place: int) -> str:
        """The name of a feature or of a lookup."""
        return FEATURES[place].name if place < len(FEATURES) else self.lookup_names[place - len(FEATURES)]

    def values_of(self, place: int) -> tuple[str, ...]:
        """The values of an enumeration; empty for numbers."""
        if place >= len(FEATURES):
            return ()
        return self.states if FEATURES[place].name == STATE else FEATURES[place].values


def _unknown_value(digest: int) -> str:
    """A placeholder for a declared value without a name in rules and vocabulary; empty for none."""
    return f"#{digest:08x}" if digest else ""
