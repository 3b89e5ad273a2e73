"""Reads a shop's own records about who is who, one JSON object a line, and makes the links' records of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, get_args

import msgspec

from liveprofile.profiles.identity.identifier import ANONYMOUS, USER
from liveprofile.profiles.identity.record import MAX_REASON_CHARS, Kind, LinkRecord
from liveprofile.profiles.identity.rules import IdentityRules
from liveprofile.profiles.identity.statement import Pseudonymise, UnusableError, Values, link_records
from liveprofile.streams.contract.inputs.common import Id, Time
from liveprofile.streams.contract.placeholders import Field, kind_of
from liveprofile.streams.contract.refusals import RefusedError
from liveprofile.streams.stages.ingest.times import event_time_ms

KINDS: tuple[Kind, ...] = get_args(Kind)
IDENTITIES = "identities"
"""The input whose `kind` is one of `KINDS`; in every other one, a record with two identifiers is a login."""
EXAMPLES = 5
"""How many lines are named for each fault."""


class _Statement(msgspec.Struct):
    """The fields of a record that say who is who; all others are passed over."""

    topic: str = IDENTITIES
    kind: str = "login"
    user_id: Id | None = None
    anonymous_id: Id | None = None
    ids: dict[str, Id] = {}
    ts: Time | None = None
    reason: str = ""


_DECODER = msgspec.json.Decoder(_Statement)


@dataclass
class ReadLinks:
    """What a file holds."""

    records: list[LinkRecord] = field(default_factory=list)
    lines: int = 0
    unusable: Counter[str] = field(default_factory=Counter)
    """Lines that make no record, by reason."""
    examples: dict[str, list[str]] = field(default_factory=dict)
    """By reason: the first lines, with what is wrong; without values."""

    def refuse(self, number: int, reason: str, message: str) -> None:
        """Count a line that makes no record."""
        self.unusable[reason] += 1
        named = self.examples.setdefault(reason, [])
        if len(named) < EXAMPLES:
            named.append(f"line {number}: {message}")


def read_links(lines: Iterable[tuple[int, bytes]], rules: IdentityRules, pseudonymise: Pseudonymise) -> ReadLinks:
    """The records of numbered lines. A line that makes none is counted, and the rest is read."""
    found = ReadLinks()
    for number, line in lines:
        found.lines += 1
        try:
            found.records += _records(number, line, rules, pseudonymise)
        except UnusableError as error:
            found.refuse(number, str(error.reason), str(error))
        except RefusedError as error:
            found.refuse(number, str(error.refusal.reason), str(error))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            found.refuse(number, "CANNOT_BE_READ", str(error))
    return found


def _records(number: int, line: bytes, rules: IdentityRules, pseudonymise: Pseudonymise) -> list[LinkRecord]:
    said = _DECODER.decode(line)
    kind: Any = said.kind if said.topic == IDENTITIES else "login"
    if kind not in KINDS:
        raise msgspec.ValidationError(f"kind is none of {', '.join(KINDS)}")
    values = _values(said)
    time_ms = event_time_ms(said.ts) if said.ts is not None else None
    if time_ms is None and sum(map(len, values.values())) > 1:
        raise msgspec.ValidationError("ts is missing: a link has the time of its event")
    return link_records(
        kind, values, rules, pseudonymise, time_ms=time_ms or 0, source=number, reason=said.reason[:MAX_REASON_CHARS]
    )


def _values(said: _Statement) -> Values:
    """The values by type; `ids` may name a second user, for a merge."""
    found = {kind: [str(value)] for kind, value in said.ids.items()}
    for kind, value, about in ((USER, said.user_id, Field.USER), (ANONYMOUS, said.anonymous_id, Field.ANONYMOUS)):
        if value is not None and kind_of(str(value), about) is None:
            found.setdefault(kind, []).insert(0, str(value))
    return {kind: tuple(values) for kind, values in found.items()}
