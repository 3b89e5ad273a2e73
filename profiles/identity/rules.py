"""The rules of identity: a TOML file that says which types there are, and which links are not believed."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Literal

import msgspec

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.identity.identifier import ANONYMOUS, KIND, USER, Spelling, normalised

Contested = Literal["none", "first", "last"]
"""Who gets an identifier that several known users have: nobody, the first of them, or the last."""
MOST_TEXT = 65_536
"""Maximum characters of a file."""
MOST_TYPES = 16
MOST_BLOCKED = 1_000
MOST_IDENTIFIERS = 16
"""Maximum of `most_identifiers`: all rows of one person are one record."""
MOST_STRENGTH = 999
"""Maximum strength of a type: a merge is stronger than every type."""
_KIND = re.compile(KIND)


class IdentityRulesError(LiveprofileError, ValueError):
    """Rules of identity that cannot be used."""

    next_step = "Correct the file where the message says; docs/identity.md has a whole one."


class TypeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One type of identifiers."""

    strength: int
    """The strongest identifier of a person is its anchor; links of strong types are joined first."""
    unique: bool = False
    """Whether a person has only one, unless a merge says otherwise: a known user."""
    per_person: int = 1
    """How many a person may have; the least recently seen beyond it are let go."""
    spelling: Spelling = "exact"


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table [identity]."""

    types: dict[str, TypeRule]
    contested: Contested = "none"
    kiosk_users_a_day: int = 5
    most_identifiers: int = MOST_IDENTIFIERS
    blocked: list[str] = []
    blocked_patterns: list[str] = []


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    name: str
    version: int
    identity: _Section


@dataclass(frozen=True)
class IdentityRules:
    """Checked rules."""

    name: str
    version: int
    types: Mapping[str, TypeRule]
    contested: Contested = "none"
    kiosk_users_a_day: int = 5
    """From so many known users on one day an identifier is a kiosk: nothing is linked to it. 0 for never."""
    most_identifiers: int = MOST_IDENTIFIERS
    """How many identifiers a person may have."""
    blocked: frozenset[str] = frozenset()
    """Values that name nobody, normalised; of all types."""
    blocked_patterns: tuple[re.Pattern[str], ...] = ()
    """The same as patterns of whole values."""
    text: str = field(default="", repr=False)
    """The file."""

    @property
    def label(self) -> str:
        """Name and version, such as starter@1."""
        return f"{self.name}@{self.version}"

    @property
    def digest(self) -> str:
        """SHA-256 of the file, 64 hexadecimal digits."""
        return sha256(self.text.encode()).hexdigest()

    def is_blocked(self, value: str) -> bool:
        """Whether a value names nobody.

        >>> starter().is_blocked("Undefined"), starter().is_blocked("0000-0000"), starter().is_blocked("u-1042")
        (True, True, False)
        """
        found = normalised(value, "lower")
        return found in self.blocked or any(one.fullmatch(found) for one in self.blocked_patterns)


@cache
def starter() -> IdentityRules:
    """The included rules."""
    return read_rules(resources.files(__package__).joinpath("starter.toml").read_text("utf-8"))


def read_rules(text: str) -> IdentityRules:
    """The rules of a file. IdentityRulesError names the place, the value and the limit."""
    if len(text) > MOST_TEXT:
        raise IdentityRulesError(f"the file has {len(text):,} characters: at most {MOST_TEXT:,}.")
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise IdentityRulesError(f"the file cannot be read: {error}.") from None
    section = file.identity
    _check(file.version >= 1, f"version is {file.version}: count from 1, one up with every edit.")
    _check(bool(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", file.name)), f"name {file.name!r} is no name: lower-case.")
    _check_types(section.types)
    _check_number("kiosk_users_a_day", section.kiosk_users_a_day, 0, 10_000)
    _check(section.kiosk_users_a_day != 1, "kiosk_users_a_day is 1: every login would be a kiosk's; 0 is never.")
    _check_number("most_identifiers", section.most_identifiers, 2, MOST_IDENTIFIERS)
    blocked = frozenset(normalised(value, "lower") for value in section.blocked)
    _check(len(section.blocked) <= MOST_BLOCKED, f"blocked has {len(section.blocked):,} values: at most 1,000.")
    _check("" not in blocked, "blocked has an empty value: an empty identifier is refused without a rule.")
    return IdentityRules(
        name=file.name,
        version=file.version,
        types=section.types,
        contested=section.contested,
        kiosk_users_a_day=section.kiosk_users_a_day,
        most_identifiers=section.most_identifiers,
        blocked=blocked,
        blocked_patterns=tuple(_pattern(one) for one in section.blocked_patterns),
        text=text,
    )


def _check_types(types: Mapping[str, TypeRule]) -> None:
    """The types that must be there, names, and the limits of numbers."""
    _check(1 <= len(types) <= MOST_TYPES, f"[identity.types] has {len(types)} types: from 1 to {MOST_TYPES}.")
    for name, one in types.items():
        where = f"[identity.types] {name}"
        _check(bool(_KIND.fullmatch(name)), f"{where}: no name of a type: lower-case letters, digits, underscores.")
        _check_number(f"{where}: strength", one.strength, 1, MOST_STRENGTH)
        _check_number(f"{where}: per_person", one.per_person, 1, MOST_IDENTIFIERS)
        _check(not (one.unique and one.per_person > 1), f"{where}: per_person is {one.per_person}, and it is unique.")
    for name in (USER, ANONYMOUS):
        _check(name in types, f"[identity.types] has no {name}: every input has a field for it.")
        _check(types[name].spelling == "exact", f"[identity.types] {name}: spelling must be exact, as profile ids are.")
    strengths = [one.strength for one in types.values()]
    _check(len(set(strengths)) == len(strengths), "[identity.types]: two types have one strength: each has its own.")
    others = [one.strength for one in types.values() if not one.unique]
    _check(types[USER].unique, "[identity.types] user: unique must be true: it names one known user.")
    weakest = min(one.strength for one in types.values() if one.unique)
    strongest = max(others)
    _check(weakest > strongest, f"[identity.types]: a unique type has strength {weakest}, another one {strongest}.")


def _check_number(name: str, value: int, least: int, most: int) -> None:
    _check(least <= value <= most, f"{name} is {value}: from {least} to {most:,}.")


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise IdentityRulesError(message)


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of blocked values; they are compared in lower case."""
    try:
        found = re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise IdentityRulesError(f"blocked_patterns has {text!r}, which is no regular expression: {error}.") from None
    _check(found.fullmatch("") is None, f"blocked_patterns has {text!r}, which an empty value matches: it blocks all.")
    return found
