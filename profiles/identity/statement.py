"""A shop's statement about identifiers, and the records of the links' log that it makes."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from itertools import combinations

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.identity.identifier import Identifier, normalised, shopper_name
from liveprofile.profiles.identity.record import By, Kind, LinkRecord
from liveprofile.profiles.identity.rules import IdentityRules

Pseudonymise = Callable[[str], str]
"""From a shopper's name to its pseudonym, under the shop's key."""
Values = Mapping[str, tuple[str, ...]]
"""The values of a statement by type, as sent."""


class Unusable(StrEnum):
    """Why a statement makes no record."""

    ONE_IDENTIFIER = "ONE_IDENTIFIER"
    """It names fewer than two: nothing is said of who is who."""
    BLOCKED = "BLOCKED"
    """Fewer than two are left without those that name nobody."""
    UNKNOWN_TYPE = "UNKNOWN_TYPE"
    """The rules have no such type."""
    BAD_VALUE = "BAD_VALUE"
    """A value is too long."""
    TWO_USERS = "TWO_USERS"
    """A login or a link of two identifiers of a unique type: only a merge joins those."""
    NOT_TWO = "NOT_TWO"
    """A kind that is about two identifiers, with more of them."""


class UnusableError(LiveprofileError, ValueError):
    """A statement that makes no record; `reason` says which kind of fault, the message what to do."""

    next_step = "Correct the record at its producer; docs/identity.md has the fields."

    def __init__(self, reason: Unusable, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def link_records(
    kind: Kind,
    values: Values,
    rules: IdentityRules,
    pseudonymise: Pseudonymise,
    *,
    time_ms: int,
    source: int,
    by: By = "record",
    reason: str = "",
) -> list[LinkRecord]:
    """The records of a statement. UnusableError if it makes none; no message has a value.

    A login or a logout links each identifier to the strongest one: a star, so that identifiers of one record do not
    depend on each other. Every other kind is about exactly two.
    """
    found = _identifiers(values, rules, pseudonymise)
    if kind in ("login", "link"):
        _refuse_two_users(found, rules)
    if kind not in ("login", "logout") and len(found) > 2:
        raise UnusableError(Unusable.NOT_TWO, f"{kind} names {len(found)} identifiers: it is about two.")
    strongest = max(found, key=lambda one: (rules.types[one.kind].strength, one))
    return [
        LinkRecord(kind=kind, a=strongest, b=one, time_ms=time_ms, source=source, by=by, reason=reason)
        for one in found
        if one != strongest
    ]


def blocked_identifiers(rules: IdentityRules, pseudonymise: Pseudonymise) -> frozenset[Identifier]:
    """The pseudonyms of all blocked values in all types, as they are written: links made before they were blocked."""
    return frozenset(
        Identifier(kind, pseudonymise(shopper_name(kind, value))) for kind in rules.types for value in rules.blocked
    )


def _identifiers(values: Values, rules: IdentityRules, pseudonymise: Pseudonymise) -> list[Identifier]:
    """The identifiers of a statement, sorted, each once; those that name nobody are left out."""
    found, blocked = set(), 0
    for kind, value in _each(values):
        if kind not in rules.types:
            known = ", ".join(rules.types)
            raise UnusableError(Unusable.UNKNOWN_TYPE, f"ids has a type that is none of the rules' types: {known}.")
        if rules.is_blocked(value):
            blocked += 1
            continue
        try:
            name = shopper_name(kind, normalised(value, rules.types[kind].spelling))
        except ValueError as error:
            raise UnusableError(Unusable.BAD_VALUE, str(error)) from None
        found.add(Identifier(kind, pseudonymise(name)))
    if len(found) < 2:
        which = Unusable.BLOCKED if blocked else Unusable.ONE_IDENTIFIER
        raise UnusableError(which, f"the record names {len(found)} shoppers' identifiers: two or more are needed.")
    return sorted(found)


def _each(values: Values) -> Iterator[tuple[str, str]]:
    """Types and values; an empty value is none."""
    for kind, several in values.items():
        yield from ((kind, value) for value in several if value.strip())


def _refuse_two_users(found: list[Identifier], rules: IdentityRules) -> None:
    for one, other in combinations(found, 2):
        if one.kind == other.kind and rules.types[one.kind].unique:
            raise UnusableError(
                Unusable.TWO_USERS,
                f"the record links two identifiers of type {one.kind}: send kind merge to join them.",
            )
