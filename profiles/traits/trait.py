"""The declaration of a trait: state, settings, bands, reasons, features and its part of the snapshot.

A declaration is data and compiled functions. The row's fields, the paths, the policy's settings, the compiled calls,
the features, the snapshot and the reference page are derived from it. The module of a trait therefore imports nothing
that is built from declarations: only numbers, input records, and this module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from liveprofile.profiles.numeric.aliases import Columns, Factors, Rules

STATIC, AGE, DECAY = 0, 1, 2
"""Kinds of features: change with activities only; grow as time passes; halve (DECAY + place of the half-life)."""
SESSION, SHORT, LONG = DECAY, DECAY + 1, DECAY + 2

When = Literal["found", "present", "lost", "rose", "fell", "any"]
"""The changes that a reason covers: from no band, to some band, to none, to a higher one, to a lower one, or any."""


class Moment(NamedTuple):
    """The arguments of an update besides the row and the activity."""

    pause_ms: int
    """Since the newest activity known; negative if this one is late."""
    own_pause_ms: int
    """Since the newest activity of the same session; the same unless sessions go on at once."""
    begins: bool
    """Whether the activity begins a session."""
    rules: Rules
    context: Any
    """The fold's context: models in force, price levels of the partition."""
    state_decay: Factors
    """Decay factors of the state (4,): session, short, long, burst."""
    event_decay: Factors
    """Decay factors of the activity's own weight (4,): 1 unless it is late."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the row."""

    name: str
    format: str
    """The NumPy type, such as "<f4"."""
    meaning: str
    shape: tuple[int, ...] = ()

    @property
    def spec(self) -> tuple[Any, ...]:
        """The field in the form of `np.dtype`."""
        return (self.name, self.format, self.shape) if self.shape else (self.name, self.format)


@dataclass(frozen=True, slots=True)
class AroundZero:
    """Three bands of a value around zero: entered beyond `{settings}_enter`, left within `{settings}_exit`."""

    names: tuple[str, ...]
    """Below, between and above."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Bands above rising `{settings}_bounds`, each left downwards below its bound times `{settings}_exit_factor`."""

    names: tuple[str, ...]
    lowest: str | None = None
    """The name of the band below all bounds, if it is a band of its own."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Bands that a function of the trait's own decides: (row, before, rules) to (after, bound, observed)."""

    names: tuple[str, ...]
    judge: Callable[..., tuple[int, float, float]]


@dataclass(frozen=True, slots=True)
class Why:
    """A reason code of the trait, and an example of a change that has it."""

    code: str
    when: When
    meaning: str
    template: str
    """Template of the message of a change, see `facts.templates`."""
    sample: tuple[str | None, str | None, float, float]
    """Before, after, observed value, threshold."""

    def covers(self, before: int, after: int) -> bool:
        """Whether this is the reason of a change from one band to another, by their numbers; 0 for none."""
        return {
            "found": before == 0,
            "present": after > 0,
            "lost": after == 0,
            "rose": after > before,
            "fell": after < before,
            "any": True,
        }[self.when]


@dataclass(frozen=True, slots=True)
class Feature:
    """One name that rules may use."""

    name: str
    kind: int
    unit: str
    meaning: str
    values: tuple[str, ...] = ()
    """For an enumeration: its values, by number."""
    read: str | Callable[..., float] = ""
    """The field of the row, or a compiled function of the row; empty if `feature_values` reads it itself."""

    @property
    def field_name(self) -> str:
        """Its name in `FEATURE`, without dots."""
        return self.name.replace(".", "_")

    @property
    def changes(self) -> str:
        """How it changes, as text."""
        return _KIND_WORDS[self.kind]


_KIND_WORDS = {
    STATIC: "with activities only",
    AGE: "grows with time",
    SESSION: "halves with the session half-life",
    SHORT: "halves with the short half-life",
    LONG: "halves with the long half-life",
}


@dataclass(frozen=True, slots=True)
class Part:
    """The snapshot part of a trait: a member of `traits`, left out while it is None."""

    name: str
    type: Any
    """A msgspec struct, or a type that JSON has."""
    shown: Callable[[Columns, Any], Sequence[Any]]
    """Its values of many profiles, from the columns of their rows and the policy."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait of a profile. Only the attributes that it has need a value; a trait with a path has bands."""

    name: str
    """Name in code, from which names of generated functions are made."""
    meaning: str
    """A sentence for the reference page."""
    state: tuple[Field, ...] = ()
    update: Callable[..., None] | None = None
    """Compiled: (row, event, moment), called for every activity."""
    path: str | None = None
    """The path of published changes."""
    published: str = ""
    """The field of the row that holds the band last published: its place + 1, 0 for none."""
    settings: str = ""
    """Prefix of the names of its settings: an interval and, by the kind of bands, bounds."""
    value: Callable[..., float] | None = None
    """Compiled: the value that decides bands, from (row,), or from (row, time_ms, rules) if `timed`."""
    timed: bool = False
    """Whether the value changes by time alone, so that timers may also publish it."""
    enough: Callable[..., bool] | None = None
    """Compiled: (row, rules), whether there is enough evidence for a first band."""
    bands: AroundZero | Ladder | Judged | None = None
    corrected_by: str = ""
    """The declared attribute that suppresses this trait once corrected."""
    rule: str = ""
    """The rule in reasons, such as price-band@1."""
    reasons: tuple[Why, ...] = ()
    """The first one that covers a change is its reason."""
    digits: int = 4
    """Decimals of the observed value in reasons."""
    features: tuple[Feature, ...] = ()
    part: Part | None = None

    def band(self, number: int) -> str | None:
        """The name of a band by its number in the row."""
        if self.bands is None or number == 0:
            return self.bands.lowest if isinstance(self.bands, Ladder) else None
        return self.bands.names[number - 1]

    def code(self, before: int, after: int) -> str:
        """The reason code of a change from one band to another."""
        return next(one.code for one in self.reasons if one.covers(before, after))
