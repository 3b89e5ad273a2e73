"""What is found in records: taken or refused by reason, names that look like others, fields that nobody sends.

Nothing of it holds a value of a record: only counts, line numbers, names of fields and codes of closed lists.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from liveprofile.streams.backtest.check.lines import Line
from liveprofile.streams.contract.inputs import INPUTS, Item
from liveprofile.streams.contract.near_names import IDENTIFIER
from liveprofile.streams.contract.placeholders import Placeholders
from liveprofile.streams.contract.refusals import Refusal
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.exchange import Exchange
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.unknown_fields import ELSEWHERE, NOTHING, NearMiss, UnknownFields
from liveprofile.streams.stages.ingest.validate import validate

FIRST_LINES = 5
"""Line numbers kept of each reason."""
MOST_NAMES = 10_000
"""Unknown names that are counted at most; a file with more has values as names."""


@dataclass(slots=True)
class Seen:
    """A count with the first lines."""

    count: int = 0
    lines: list[int] = field(default_factory=list)
    words: str = ""

    def add(self, number: int, words: str = "") -> None:
        """Count one more, on a line."""
        self.count += 1
        self.words = self.words or words
        if len(self.lines) < FIRST_LINES:
            self.lines.append(number)


@dataclass(slots=True)
class Findings:
    """What was found so far. `clock_ms` is the time at which the records would arrive."""

    exchange: Exchange
    """The shop's currency, with the rates of others."""
    clock_ms: int
    oldest_ms: int
    placeholders: Placeholders
    taken: Counter[str] = field(default_factory=Counter)
    """Records that become events, by input."""
    refused: dict[tuple[str, str], Seen] = field(default_factory=dict)
    """By input and reason."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Valid records that say nothing about a shopper's acts, by their name."""
    near: dict[tuple[str, NearMiss], Seen] = field(default_factory=dict)
    """Unknown fields that look like known ones, by input."""
    unknown: dict[tuple[str, str], Seen] = field(default_factory=dict)
    """Other unknown fields by input and name; names that are no identifiers are counted under an empty one."""
    present: dict[str, set[str]] = field(default_factory=dict)
    """By input: its fields that any record has."""
    ahead: Seen = field(default_factory=Seen)
    """Events after their arrival: they are moved back to it."""
    old: Seen = field(default_factory=Seen)
    """Events that are refused unless their records say that they are of the past."""
    timeless: Seen = field(default_factory=Seen)
    """Events without a time: their arrival counts."""
    foreign: dict[str, Seen] = field(default_factory=dict)
    """Events with amounts in another currency than the shop's, and no rate for it, by currency."""
    unpriced: Seen = field(default_factory=Seen)
    """Orders without an amount."""
    _fields: UnknownFields = field(default_factory=UnknownFields)

    def add(self, line: Line) -> ValidatedEvent | None:
        """Judge a record as ingest does; returns its event if it is taken."""
        verdict = validate(line.topic, line.value, self.placeholders)
        if isinstance(verdict, PassedOver):
            self.passed_over[verdict.name] += 1
            return None
        if isinstance(verdict, Refusal):
            seen = self.refused.setdefault((line.topic, str(verdict.reason)), Seen())
            seen.add(line.number, verdict.words)
            if verdict.reason not in ELSEWHERE:
                self._note_fields(line)
            return None
        self.taken[line.topic] += 1
        self._note_fields(line)
        self._note_time(line.number, verdict)
        self._note_amounts(line, verdict)
        return verdict

    @property
    def records(self) -> int:
        """All records."""
        return self.taken.total() + self.passed_over.total() + self.refusals

    @property
    def refusals(self) -> int:
        """Refused records."""
        return sum(seen.count for seen in self.refused.values())

    def absent(self) -> dict[str, list[str]]:
        """By input with records: its fields that no record has."""
        return {topic: names for topic, present in self.present.items() if (names := _absent(topic, present))}

    def _note_fields(self, line: Line) -> None:
        shape = self._fields.shape(line.topic, line.value)
        if shape is NOTHING:
            return
        self.present.setdefault(line.topic, set()).update(shape.known)
        for miss in shape.near:
            self.near.setdefault((line.topic, miss), Seen()).add(line.number)
        for name in islice(shape.unknown, MOST_NAMES):
            key = line.topic, name if IDENTIFIER.fullmatch(name) else ""
            if key in self.unknown or len(self.unknown) < MOST_NAMES:
                self.unknown.setdefault(key, Seen()).add(line.number)

    def _note_time(self, number: int, event: ValidatedEvent) -> None:
        if event.time_ms is None:
            self.timeless.add(number)
        elif event.time_ms > self.clock_ms:
            self.ahead.add(number)
        elif event.time_ms < self.clock_ms - self.oldest_ms:
            self.old.add(number)

    def _note_amounts(self, line: Line, event: ValidatedEvent) -> None:
        has_amount = event.order_total or any(one.amount or one.price for one in event.lines)
        priced = self.exchange.converted(event, self.clock_ms if event.time_ms is None else event.time_ms)
        if has_amount and priced.currency not in ("", self.exchange.currency):
            self.foreign.setdefault(event.currency, Seen()).add(line.number)
        elif line.topic == "purchases" and not event.order_total:
            self.unpriced.add(line.number)


def _absent(topic: str, present: set[str]) -> list[str]:
    names = list(INPUTS[topic].__struct_fields__)
    if "items" in present:
        names += [f"items.{name}" for name in Item.__struct_fields__]
    return [name for name in names if name not in present]
