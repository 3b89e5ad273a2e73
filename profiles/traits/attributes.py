"""Declared attributes: the closed vocabulary in attributes.toml, and the mapping from digests to its words.

A declared attribute is two digests in an activity's head: `subject` is `digest32` of the attribute's name, `value` is
`digest32` of its value, both in the spelling of the vocabulary (lower case). Value 0 withdraws a declaration.
`Vocabulary.name_of` and `Vocabulary.value_of` turn the digests into words again. The value of an attribute of kind
"category" is a category path. Its digest is that of the topic of the same name: look it up among topic names.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal, get_args

from liveprofile.profiles.records.activity import digest32

Kind = Literal["choice", "number", "band", "category"]
MOST_VALUES = 1_000
"""Maximum values of a number; beyond it the attribute needs bands."""
MOST_NAMED = 12
"""Maximum values listed in an error; a longer list is its first values and its count."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute that a person may state."""

    name: str
    label: str
    kind: Kind
    values: tuple[str, ...]
    """Every value it can have, in order; empty for a category."""
    edges: tuple[float, ...] = ()
    """The bounds between the bands."""
    protected: bool = False
    """Whether only the person can state it; nothing infers it."""
    beside: str | None = None
    """The path of the inferred value of the same attribute."""

    def value(self, stated: str | float | bool) -> str:
        """The stated value, in the vocabulary's spelling. ValueError names the allowed values if it is none of them.

        >>> shipped().attributes["age_band"].value(47), shipped().attributes["newsletter"].value(True)
        ('45-54', 'yes')
        """
        known = _spelling(stated)
        if known in self.values:
            return known
        number = _number(stated)
        if self.kind == "band" and number is not None and number >= 0:
            return self.values[bisect_right(self.edges, number)]
        raise ValueError(f"{self.name} must be {self.allowed}.")

    @property
    def allowed(self) -> str:
        """The allowed values as text."""
        if self.kind == "category":
            return "a category path"
        if self.kind == "number":
            return f"a whole number from {self.values[0]} to {self.values[-1]}"
        names = ", ".join(self.values[:MOST_NAMED])
        more = len(self.values) - MOST_NAMED
        names = f"one of {names}" + (f" and {more} more" if more > 0 else "")
        return f"{names}, or a number" if self.kind == "band" else names


@dataclass(frozen=True)
class Vocabulary:
    """All attributes by name, in the order of the file."""

    version: int
    attributes: Mapping[str, Attribute]

    def name_of(self, subject: int) -> str | None:
        """The attribute with the digest `subject`."""
        return self._names.get(int(subject))

    def value_of(self, subject: int, value: int) -> str | None:
        """The value with the digest `value`; None for a category: its names are those of topics."""
        return self._values.get((int(subject), int(value)))

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return {digest32(name): name for name in self.attributes}

    @cached_property
    def _values(self) -> Mapping[tuple[int, int], str]:
        return {
            (digest32(name), digest32(value)): value
            for name, attribute in self.attributes.items()
            for value in attribute.values
        }


@lru_cache(maxsize=1)
def shipped() -> Vocabulary:
    """The vocabulary shipped with this version."""
    return parse(files("liveprofile.profiles.traits").joinpath("attributes.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Vocabulary:
    """Read a vocabulary file. ValueError names the place of a fault."""
    table = tomllib.loads(text)
    attributes = [_attribute(entry) for entry in table["attribute"]]
    names = [attribute.name for attribute in attributes]
    if len(set(names)) < len(names):
        raise ValueError("attributes: a name stands there twice; each attribute needs its own.")
    return Vocabulary(int(table["version"]), dict(zip(names, attributes, strict=True)))


def _attribute(entry: Mapping[str, Any]) -> Attribute:
    name, kind = entry["name"], entry["kind"]
    if kind not in get_args(Kind):
        raise ValueError(f"attribute {name}: kind must be one of {', '.join(get_args(Kind))}, not {kind!r}.")
    edges = tuple(entry.get("edges", ()))
    values = _values(entry, kind, edges)
    if len(values) > MOST_VALUES:
        raise ValueError(f"attribute {name}: {len(values)} values; the limit is {MOST_VALUES}. Use bands.")
    if bool(values) == (kind == "category") or list(edges) != sorted(set(edges)):
        raise ValueError(f"attribute {name}: a {kind} needs its values, or edges that ascend; see the file's head.")
    return Attribute(name, entry["label"], kind, values, edges, entry.get("protected", False), entry.get("beside"))


def _values(entry: Mapping[str, Any], kind: str, edges: tuple[float, ...]) -> tuple[str, ...]:
    if kind == "number":
        return tuple(map(str, range(entry["lowest"], entry["highest"] + 1)))
    return band_names(edges) if kind == "band" else tuple(entry.get("values", ()))


def band_names(edges: tuple[float, ...]) -> tuple[str, ...]:
    """The names of the bands between whole-numbered edges.

    >>> band_names((18, 25, 35))
    ('under 18', '18-24', '25-34', '35+')
    """
    if not edges:
        return ()
    inner = [f"{low}-{high - 1}" for low, high in pairwise(edges)]
    return (f"under {edges[0]}", *inner, f"{edges[-1]}+")


def _spelling(stated: str | float | bool) -> str:
    """A value as the vocabulary would write it: true is yes, 4.0 is 4."""
    if isinstance(stated, bool):
        return "yes" if stated else "no"
    if isinstance(stated, float) and stated.is_integer():
        return str(int(stated))
    return str(stated).strip().lower()


def _number(stated: str | float | bool) -> float | None:
    """A stated finite number; None if it is not one."""
    try:
        number = float(stated)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 and not isinstance(stated, bool) else None
