"""A model of persons over partitions: the identity stage, doors and homes, killed anywhere, with torn checkpoints.

The door of an identifier folds its own events, always. A person lives at the door of its anchor, its home, which has
copies of the other rows. A row is the list of events that it took, so equality is exact. Logs are append-only, and what
is sent is durable at once; state is not. `Protocol` has the two properties that the protocol needs: without one of them
the model has to fail.
"""

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.links import InForce, Link
from liveprofile.profiles.identity.resolve import resolve
from liveprofile.profiles.identity.rules import starter

PARTITIONS = 3
USERS = [Identifier("user", f"u{number}") for number in range(4)]
EMAIL = Identifier("email", "e0")
WEAK = [*(Identifier("anonymous", f"a{number}") for number in range(6)), EMAIL]
UNLINKED = Identifier("anonymous", "z9")


@dataclass(frozen=True)
class Protocol:
    """What the protocol rests on."""

    has_watermarks: bool = True
    """Each lane between partitions has a watermark in the cursor."""
    is_person_one_record: bool = True
    """A person's row and its copies are written together or not at all."""


@dataclass(frozen=True)
class Record:
    """A record of a partition's log, with its lane and its place there."""

    kind: str
    who: Identifier
    body: Any
    lane: str
    place: int


def door_of(who: Identifier) -> int:
    """The partition of an identifier."""
    return sum(map(ord, who.pseudonym)) % PARTITIONS


class World:
    """The logs, and who reads them."""

    def __init__(self, seed: int, protocol: Protocol) -> None:
        self.random = random.Random(seed)
        self.protocol = protocol
        self.links: list[tuple[str, Link]] = []
        self.logs: list[list[Record]] = [[] for _ in range(PARTITIONS)]
        self.facts: list[tuple[Identifier, int, str]] = []
        self.identity = Identity(self)
        self.partitions = [Partition(self, number) for number in range(PARTITIONS)]

    @property
    def stages(self) -> list["Stage"]:
        """Everything that takes steps."""
        return [self.identity, *self.partitions]

    def send_event(self, who: Identifier, number: int) -> None:
        """Ingest writes an event to its door."""
        door = door_of(who)
        self.logs[door].append(Record("EVENT", who, number, f"in{door}", number))

    def send_again(self, who: Identifier) -> None:
        """Ingest was killed, and writes the last events of a partition again."""
        log = self.logs[door_of(who)]
        log += [record for record in log if record.kind == "EVENT"][-3:]


class Stage:
    """Rows by key, and a cursor. A checkpoint that is cut short has written some of the rows, and no cursor."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.saved: dict[Any, Any] = {}
        self.saved_cursor: dict[str, Any] = {"through": -1, "lanes": {}}
        self.load()

    def load(self) -> None:
        """Go on from what was saved."""
        self.rows, self.cursor = copy.deepcopy(self.saved), copy.deepcopy(self.saved_cursor)
        self.touched: set[Any] = set()

    def checkpoint(self, *, torn: bool) -> None:
        """Save the touched rows, then the cursor; or some of the rows, and then begin anew."""
        written = sorted(self.written_together(), key=str)
        self.world.random.shuffle(written)
        for keys in written[: self.world.random.randrange(len(written) + 1) if torn else len(written)]:
            self.saved.update({key: copy.deepcopy(self.rows[key]) for key in keys})
        if torn:
            self.load()
        else:
            self.touched, self.saved_cursor = set(), copy.deepcopy(self.cursor)

    def written_together(self) -> list[list[Any]]:
        """The touched keys, in groups that are one record each."""
        return [[key] for key in self.touched]

    def is_unseen(self, lane: str, place: int) -> bool:
        """Whether a lane's record comes for the first time."""
        if not self.world.protocol.has_watermarks:
            return True
        if place <= self.cursor["lanes"].get(lane, -1):
            return False
        self.cursor["lanes"][lane] = place
        return True

    def step(self) -> bool:
        """Take the next record; False if there is none."""
        raise NotImplementedError


class Identity(Stage):
    """The spans of the log in which each link is in force; an assignment is a function of the links of an offset."""

    def step(self) -> bool:
        """Take one statement, and tell the doors of all whose anchor it changes."""
        at = self.cursor["through"] + 1
        if at >= len(self.world.links):
            return False
        kind, link = self.world.links[at]
        before = self.assigned(at - 1)
        self.keep(kind, link, at)
        after = self.assigned(at)
        for place, who in enumerate(sorted(set(before) | set(after))):
            if before.get(who, who) != (anchor := after.get(who, who)):
                told = Record("LINK", who, (anchor, at), "links", at * 1000 + place)
                self.world.logs[door_of(who)].append(told)
        self.cursor["through"] = at
        return True

    def keep(self, kind: str, link: Link, at: int) -> None:
        """Begin or end a span; what this offset has done before is not done again."""
        spans = self.rows.setdefault(link[:2], [])
        self.touched.add(link[:2])
        if any(at in span[:2] for span in spans):
            return
        open_now = [span for span in spans if span[1] is None and span[0] < at]
        if kind == "link" and not open_now:
            spans.append([at, None, link])
        if kind == "unlink" and open_now:
            open_now[-1][1] = at

    def assigned(self, at: int) -> dict[Identifier, Identifier]:
        """The anchors after offset `at`; rows may be ahead of it."""
        spans = [span for row in self.rows.values() for span in row]
        return anchors([link for since, until, link in spans if since <= at and (until is None or until > at)])


@dataclass
class Row:
    """A row at its door."""

    anchor: Identifier
    applied: int = -1
    took: list[int] = field(default_factory=list)
    epoch: int = -1
    version: int = 0


class Partition(Stage):
    """The doors of some identifiers, and the homes of the persons whose anchor is among them."""

    is_paused_owner = False
    """It was replaced and does not know it: it still writes to logs that have several writers."""

    def __init__(self, world: World, number: int) -> None:
        self.number = number
        super().__init__(world)

    def step(self) -> bool:
        """Take one record of the log."""
        at = self.cursor["through"] + 1
        if at >= len(self.world.logs[self.number]):
            return False
        record = self.world.logs[self.number][at]
        if self.is_unseen(record.lane, record.place):
            take: dict[str, Callable[[Record, int], None]] = {
                "EVENT": self.take_event,
                "LINK": self.take_link,
                "COPY": self.take_copy,
                "FORWARD": self.take_forward,
                "DROP": self.take_drop,
            }
            take[record.kind](record, at)
        self.cursor["through"] = at
        return True

    def written_together(self) -> list[list[Any]]:
        """A person's own row and its copies are one record."""
        if not self.world.protocol.is_person_one_record:
            return super().written_together()
        whose: dict[Identifier, list[Any]] = {}
        for key in self.touched:
            whose.setdefault(key[1], []).append(key)
        return list(whose.values())

    def take_event(self, record: Record, at: int) -> None:
        """Fold an event; then say what follows, or forward it if the identifier is linked."""
        row = self.door(record.who)
        if row.applied >= at:
            return
        row.applied = at
        row.took.append(record.body)
        if row.anchor == record.who:
            self.judge(record.who, record.body)
        else:
            self.send("FORWARD", record.who, (row.anchor, record.body), at * 10)

    def take_link(self, record: Record, at: int) -> None:
        """Follow the identity stage: leave the old home, and send the row to the new one."""
        row, (anchor, epoch) = self.door(record.who), record.body
        if row.applied >= at or epoch <= row.epoch:
            return
        before, row.applied, row.anchor, row.epoch = row.anchor, at, anchor, epoch
        if before != record.who:
            self.send("DROP", record.who, (before,), at * 10)
        if anchor != record.who:
            self.send("COPY", record.who, (anchor, list(row.took)), at * 10 + 1)
        if before == record.who:
            self.say(record.who, row, ["MERGED", anchor])
        elif anchor == record.who:
            self.say(record.who, row, ["SPLIT", before, len(row.took)])

    def take_copy(self, record: Record, at: int) -> None:
        """Replace the copy of a row whole."""
        anchor, took = record.body
        if self.may_change(anchor, at):
            self.copies(anchor)[record.who] = list(took)
            self.judge(anchor, ["linked", record.who])

    def take_forward(self, record: Record, at: int) -> None:
        """Fold an event into the copy of its row."""
        anchor, event = record.body
        if self.may_change(anchor, at):
            self.copies(anchor)[record.who].append(event)
            self.judge(anchor, event)

    def take_drop(self, record: Record, at: int) -> None:
        """Remove the copy of a row."""
        (anchor,) = record.body
        if self.may_change(anchor, at):
            self.copies(anchor).pop(record.who, None)
            if self.door(anchor).anchor == anchor:
                self.judge(anchor, ["unlinked", record.who])

    def may_change(self, anchor: Identifier, at: int) -> bool:
        """Whether this record has not changed the person before; then it has from now on."""
        row = self.door(anchor)
        fresh = row.applied < at
        row.applied = max(row.applied, at)
        self.copies(anchor)
        return fresh

    def judge(self, anchor: Identifier, cause: object) -> None:
        """Say what the person is now."""
        row = self.door(anchor)
        copies = self.rows.get(("person", anchor), {})
        self.say(anchor, row, [cause, sorted(sum(copies.values(), list(row.took)))])

    def say(self, profile: Identifier, row: Row, what: object) -> None:
        """One version of a profile; the broker refuses that of a paused owner."""
        row.version += 1
        if not self.is_paused_owner:
            self.world.facts.append((profile, row.version, json.dumps(what)))

    def send(self, kind: str, who: Identifier, body: Any, place: int) -> None:
        """Write to the log of the home that stands first in the body."""
        self.world.logs[door_of(body[0])].append(Record(kind, who, body, f"via{self.number}", place))

    def door(self, who: Identifier) -> Row:
        """The row of an identifier, to be changed."""
        self.touched.add(("door", who))
        row: Row = self.rows.setdefault(("door", who), Row(who))
        return row

    def copies(self, anchor: Identifier) -> dict[Identifier, list[int]]:
        """The copies of rows at a person's home, to be changed."""
        self.touched.add(("person", anchor))
        found: dict[Identifier, list[int]] = self.rows.setdefault(("person", anchor), {})
        return found

    def paused(self) -> "Partition":
        """This owner as it goes on in ignorance."""
        twin = copy.copy(self)
        twin.rows, twin.cursor, twin.touched = copy.deepcopy(self.rows), copy.deepcopy(self.cursor), set()
        twin.is_paused_owner = True
        return twin


def anchors(links: list[Link]) -> dict[Identifier, Identifier]:
    """Who is who by these links."""
    return dict(resolve(InForce(tuple(links), frozenset()), starter()).anchor)
