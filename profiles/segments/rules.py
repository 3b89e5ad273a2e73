"""The rule set: lifecycle states and segments, read from TOML, checked, and lowered for compiled code."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from typing import Any, Final

import msgspec

from liveprofile.profiles.kernel.context import CompiledRules
from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.segments.compiled_rules import compile_rules
from liveprofile.profiles.segments.expressions import RuleError, lower
from liveprofile.profiles.segments.lowered import Lowered
from liveprofile.profiles.state.row import SEGMENTS

RULES: Final = "rules"
"""Value of `what` in an adopted rule set."""
MOST_STATES = 32
MOST_TEXT = 65_536
"""Maximum characters of a rule file: it is part of every cursor."""
MOST_ATOMS = 1024
UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_STAY = re.compile(r"(\d{1,4})([mhd])")


class LifecycleRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One state of the lifecycle."""

    name: str
    label: str
    meaning: str
    when: str


class SegmentRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One segment."""

    name: str
    label: str
    meaning: str
    enter: str
    exit: str = ""
    """Empty for "not enter"."""
    stay: str = ""
    """Minimum stay, such as 30m, 12h or 7d; empty for none."""


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the TOML file."""

    name: str
    version: int
    lifecycle: list[LifecycleRule] = []
    segment: list[SegmentRule] = []


@dataclass(frozen=True)
class RuleSet:
    """Rules in force, and the numbers by which rows refer to them."""

    file: RuleFile
    slots: Mapping[str, int]
    """Place in a row's bits by name, of removed segments, too, until their place is needed."""
    numbers: Mapping[str, int]
    """Number in a row by name of the lifecycle state, from 1; of removed states, too."""
    compiled_rules: CompiledRules
    """The same for compiled code."""
    lowered: Lowered
    programs: Mapping[str, Sequence[int]]
    """By `lifecycle/NAME`, `enter/NAME` and `exit/NAME`; an empty exit is the opposite of enter."""
    record: dict[str, Any] = field(repr=False)
    """The adoption, to be kept with the state."""

    @property
    def label(self) -> str:
        """Name and version as in facts, such as starter@1."""
        return f"{self.file.name}@{self.file.version}"

    def segment_names(self, mask: int) -> list[str]:
        """The names of the segments with their bits set, in the order of their slots."""
        return [name for slot, name in self._by_slot.items() if mask >> slot & 1] if mask else []

    def state_name(self, number: int) -> str | None:
        """The name of a lifecycle state; None for none."""
        return next((name for name, one in self.numbers.items() if one == number), None)

    @cached_property
    def _by_slot(self) -> dict[int, str]:
        return {slot: name for name, slot in sorted(self.slots.items(), key=lambda one: one[1])}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "RuleSet":
        """Read an adoption's `adopted` object. RuleError if it cannot be used."""
        text = record.get("toml")
        if not isinstance(text, str):
            raise RuleError("an adoption of rules needs `toml`, the text of their file")
        try:
            slots = {str(name): int(slot) for name, slot in dict(record.get("slots", {})).items()}
            numbers = {str(name): int(number) for name, number in dict(record.get("numbers", {})).items()}
            return _build(read_file(text), text, slots, numbers, int(record.get("since_ms", 0)))
        except (TypeError, AttributeError, OverflowError) as error:
            raise RuleError(f"an adoption of rules with numbers that cannot be read: {error}") from None

    def following(self, before: "RuleSet", since_ms: int) -> "RuleSet":
        """The same rules with the slots and numbers by which rows refer to them, in force from `since_ms` on."""
        return _build(self.file, str(self.record["toml"]), before.slots, before.numbers, since_ms)


def read_file(text: str) -> RuleFile:
    """A rule file, with every name and stay checked; its expressions are not. RuleError with the fault."""
    if len(text) > MOST_TEXT:
        raise RuleError(f"the file has {len(text)} characters: at most {MOST_TEXT}")
    try:
        file = msgspec.convert(tomllib.loads(text), RuleFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise RuleError(
            f"the file cannot be read: {error}; name and version stand at its top, as `liveprofile segments list "
            "--starter --toml` shows"
        ) from None
    if file.version < 1:
        raise RuleError(f"version is {file.version}: count from 1, one up with every edit")
    _check_names("segment", [file.name], 1)
    _check_names("lifecycle", [one.name for one in file.lifecycle], MOST_STATES)
    _check_names("segment", [one.name for one in file.segment], SEGMENTS)
    for one in file.segment:
        stay_ms(one)
    return file


def _check_names(table: str, names: Sequence[str], most: int) -> None:
    if len(names) > most:
        raise RuleError(f"[[{table}]] is there {len(names)} times: at most {most}")
    for name in names:
        if not _NAME.fullmatch(name):
            raise RuleError(f"{name!r} is no name: lower-case letters, digits and hyphens, at most 40")
        if names.count(name) > 1:
            raise RuleError(f"[[{table}]] {name} is there twice: names are unique")


def stay_ms(rule: SegmentRule) -> int:
    """The minimum stay in milliseconds. RuleError if it cannot be read.

    >>> stay_ms(SegmentRule("a", "A", "", "orders > 1", stay="7d"))
    604800000
    """
    found = _STAY.fullmatch(rule.stay)
    if rule.stay and found is None:
        raise RuleError(f"[[segment]] {rule.name}: stay is {rule.stay!r}, write a number with m, h or d, such as 7d")
    return int(found[1]) * UNITS[found[2]] if found else 0


def _build(file: RuleFile, text: str, slots: Mapping[str, int], numbers: Mapping[str, int], since_ms: int) -> RuleSet:
    slots = assigned(slots, [one.name for one in file.segment], range(SEGMENTS))
    numbers = assigned(numbers, [one.name for one in file.lifecycle], range(1, 2 * MOST_STATES))
    by_number = {number: name for name, number in numbers.items()}
    lowered = Lowered(states=("", *(by_number.get(at, "") for at in range(1, 2 * MOST_STATES))))
    programs = _programs(file, lowered)
    if len(lowered.atoms) > MOST_ATOMS:
        raise RuleError(f"the file has {len(lowered.atoms)} comparisons: at most {MOST_ATOMS}")
    record = {"what": RULES, "name": file.name, "version": file.version, "toml": text}
    record |= {"slots": slots, "numbers": numbers, "since_ms": since_ms}
    digest = sha256(f"{text}\0{sorted(slots.items())}\0{sorted(numbers.items())}\0{since_ms}".encode()).hexdigest()
    compiled_rules = compile_rules(
        lowered,
        list(programs.values()),
        version=int(digest[:8], 16) or 1,
        since_ms=since_ms,
        states=[numbers[one.name] for one in file.lifecycle],
        slots=[slots[one.name] for one in file.segment],
        names=[digest32(one.name) for one in file.segment],
        stays_ms=[stay_ms(one) for one in file.segment],
    )
    return RuleSet(file, slots, numbers, compiled_rules, lowered, programs, record)


def _programs(file: RuleFile, lowered: Lowered) -> dict[str, list[int]]:
    """First the lifecycle's, then enter and exit of each segment. RuleError naming the rule."""
    programs: dict[str, list[int]] = {}
    for state in file.lifecycle:
        programs[f"lifecycle/{state.name}"] = _program(lowered, f"[[lifecycle]] {state.name}, when", state.when)
    for rule in file.segment:
        enter = _program(lowered, f"[[segment]] {rule.name}, enter", rule.enter)
        programs[f"enter/{rule.name}"] = enter
        leave = _program(lowered, f"[[segment]] {rule.name}, exit", rule.exit) if rule.exit else []
        programs[f"exit/{rule.name}"] = leave
    return programs


def _program(lowered: Lowered, place: str, text: str) -> list[int]:
    try:
        return lower(text, lowered)
    except RuleError as error:
        raise RuleError(f"{place}: {error}") from None


def assigned(known: Mapping[str, int], names: Sequence[str], places: Sequence[int]) -> dict[str, int]:
    """Names and their places: known names keep theirs, new ones get the lowest free places in the order of `names`.

    Removed names keep their places while others are free.

    >>> assigned({"a": 0, "b": 1}, ["b", "c", "d"], range(3))
    {'b': 1, 'c': 2, 'd': 0}
    """
    found = {name: place for name, place in known.items() if place in places}
    for name in (name for name in names if name not in found):
        free = [place for place in places if place not in found.values()]
        if not free:
            gone = min((one for one in found if one not in names), key=lambda one: found[one])
            free = [found.pop(gone)]
        found[name] = free[0]
    return found


@cache
def starter() -> RuleSet:
    """The rules in force before any were published."""
    text = resources.files("liveprofile.profiles.segments").joinpath("starter.toml").read_text("utf-8")
    return RuleSet.from_record({"toml": text})
