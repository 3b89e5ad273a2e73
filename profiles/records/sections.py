"""Sections of settings: nested frozen dataclasses, numbers by name, and one flat form for compiled code.

A setting has a dotted name: `publish.burst`, `interests.session.enter_share`, `anomalies.enter.velocity`. Compiled code
reads a setting by the section and the setting in one name, and numbers by name as a tuple: `rules.publish_burst`,
`rules.interests_enter_share[SESSION]`, `rules.anomalies_enter[VELOCITY]`.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any

Number = float | tuple[float, ...]
DATA = "data"
"""Marks in the metadata what is no setting."""


class ByName(Mapping[str, float]):
    """Numbers by name, frozen. The names, and their order, are those of the default; a change keeps the others.

    >>> ByName({"velocity": 4.5, "spend": 4.0}).changed({"spend": 3.0})
    {'velocity': 4.5, 'spend': 3.0}
    """

    __slots__ = ("_numbers",)

    def __init__(self, numbers: Mapping[str, float]) -> None:
        self._numbers = dict(numbers)

    def __getitem__(self, name: str) -> float:
        return self._numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __hash__(self) -> int:
        return hash(tuple(self._numbers.items()))

    def __repr__(self) -> str:
        return repr(self._numbers)

    def changed(self, numbers: Mapping[str, float], of: str = "numbers") -> "ByName":
        """With other numbers for some names. ValueError for an unknown name, with the nearest one."""
        for name in numbers:
            if name not in self._numbers:
                raise ValueError(f"{of} has no {name!r}: {nearest(name, list(self._numbers))}")
        return ByName(self._numbers | dict(numbers))


@dataclass(frozen=True)
class Section:
    """The base of a section. A map that is given for numbers by name changes the named ones of the default only."""

    def __post_init__(self) -> None:
        for one in fields(self):
            given = getattr(self, one.name)
            if isinstance(one.default, ByName) and isinstance(given, Mapping):
                object.__setattr__(self, one.name, one.default.changed(given, one.name))
            elif isinstance(one.default, ByName):
                raise ValueError(f"{one.name} is {given!r}: give numbers by name, of {', '.join(one.default)}")
            elif is_dataclass(one.default) and not isinstance(given, type(one.default)):
                raise ValueError(f"{one.name} is {given!r}: it is a section, give a {type(one.default).__name__}")


def setting(default: Any, doc: str, home: str = "") -> Any:
    """A setting with its meaning and unit, which the settings page prints.

    `home` is the name of the setting that gives it, where that is another one than its own.
    """
    return field(default=default, metadata={"doc": doc, "home": home})


def data(default: Any) -> Any:
    """A part of the policy that is no setting: it has no name in files, and compiled code gets it in another way."""
    return field(default=default, metadata={DATA: True})


def _settings(section: Any) -> "Iterator[Field[Any]]":
    return (one for one in fields(section) if not one.metadata.get(DATA))


def by_name(
    names: Sequence[str], numbers: Mapping[str, float], doc: str, notes: Mapping[str, str] = MappingProxyType({})
) -> Any:
    """A setting of numbers by name, in the order of `names`, that of compiled code; with remarks on some."""
    assert set(names) == set(numbers), f"numbers for {sorted(set(names) ^ set(numbers))}"
    default = ByName({name: numbers[name] for name in names})
    return field(default=default, metadata={"doc": doc, "notes": notes})


def settings_of(section: Any, prefix: str = "") -> dict[str, Any]:
    """Every setting of a section and of the sections within it, by dotted name."""
    found: dict[str, Any] = {}
    for one in _settings(section):
        name, value = f"{prefix}{one.name}", getattr(section, one.name)
        if is_dataclass(value):
            found |= settings_of(value, f"{name}.")
        elif isinstance(value, ByName):
            found |= {f"{name}.{key}": number for key, number in value.items()}
        else:
            found[name] = value
    return found


def changed(section: Any, values: Mapping[str, Any], prefix: str = "") -> Any:
    """A section with other values for some dotted names. ValueError for an unknown name."""
    heads: dict[str, dict[str, Any]] = {}
    given: dict[str, Any] = {}
    known = {one.name for one in fields(section)}
    for name, value in values.items():
        head, _, rest = name.partition(".")
        if head not in known:
            raise ValueError(
                f"no setting {prefix}{name!s}: {nearest(prefix + name, list(settings_of(section, prefix)))}"
            )
        if rest:
            heads.setdefault(head, {})[rest] = value
        else:
            given[head] = value
    for head, inner in heads.items():
        before, where = getattr(section, head), f"{prefix}{head}"
        if isinstance(before, ByName):
            given[head] = before.changed(inner, where)
        elif is_dataclass(before):
            given[head] = changed(before, inner, f"{where}.")
        else:
            raise ValueError(f"{where} is one value: it has no {', '.join(inner)}")
    return replace(section, **given)


def flat(section: Any, prefix: str = "") -> dict[str, Number]:
    """The numbers for compiled code. Sections beside each other in a section are places of one tuple."""
    found: dict[str, Number] = {}
    for one in _settings(section):
        value = getattr(section, one.name)
        if not is_dataclass(value):
            found[prefix + one.name] = _numbers(value)
        elif not prefix:
            found |= flat(value, f"{one.name}_")
    alike = [getattr(section, one.name) for one in fields(section) if is_dataclass(getattr(section, one.name))]
    if prefix and alike:
        for one in fields(alike[0]):
            found[prefix + one.name] = tuple(float(getattr(part, one.name)) for part in alike)
    return found


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint at the nearest name, or at all names if none is near.

    >>> nearest("velocty", ["velocity", "spend"]), nearest("x", ["velocity", "spend"])
    ('did you mean velocity?', 'there are velocity, spend')
    """
    near = difflib.get_close_matches(name, known, 1, 0.65)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _numbers(value: Any) -> Number:
    if isinstance(value, ByName):
        return tuple(map(float, value.values()))
    return tuple(map(float, value)) if isinstance(value, tuple) else float(value)
