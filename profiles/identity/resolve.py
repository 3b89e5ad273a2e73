"""Who is who: persons as a pure function of the set of links, in any order.

Connected components alone put a household, or everybody with the cookie "undefined", into one profile. Here a link is
refused where it would join two known users, where its identifier belongs to several of them, or where a limit says so;
links are joined in an order that the links themselves decide. What is refused keeps its reason, and stays in the set:
other rules, or a link less, may accept it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.links import InForce, Link
from liveprofile.profiles.identity.rules import IdentityRules

DAY_MS = 86_400_000


class Refused(StrEnum):
    """Why a link joins nobody."""

    BLOCKED = "BLOCKED"
    """One of its identifiers names nobody."""
    UNKNOWN_TYPE = "UNKNOWN_TYPE"
    """The rules have no such type."""
    ERASED = "ERASED"
    """One of its identifiers was erased."""
    KIOSK = "KIOSK"
    """Many known users were on one of its identifiers on one day."""
    CONTESTED = "CONTESTED"
    """One of its identifiers has several known users."""
    UNIQUE = "UNIQUE"
    """It would join two known users, and no merge says so."""
    LIMIT = "LIMIT"
    """A person would have too many identifiers, or too many of a type."""
    NEVER = "NEVER"
    """An operator forbade that two identifiers are ever of one person."""


class Refusal(NamedTuple):
    """A link that joins nobody."""

    link: Link
    reason: Refused


@dataclass(frozen=True)
class Persons:
    """The persons of a set of links."""

    anchor: Mapping[Identifier, Identifier]
    """The anchor of every identifier that has a link; its own for one that is free."""
    refused: tuple[Refusal, ...]
    """Sorted by link."""
    contested: frozenset[Identifier]
    kiosks: frozenset[Identifier]

    def members(self) -> dict[Identifier, tuple[Identifier, ...]]:
        """The identifiers of each person by anchor, sorted; also of persons with one identifier."""
        found: dict[Identifier, list[Identifier]] = defaultdict(list)
        for one, anchor in self.anchor.items():
            found[anchor].append(one)
        return {anchor: tuple(sorted(members)) for anchor, members in found.items()}


def resolve(
    in_force: InForce,
    rules: IdentityRules,
    *,
    erased: Set[Identifier] = frozenset(),
    blocked: Set[Identifier] = frozenset(),
) -> Persons:
    """The persons of the links in force.

    `erased` identifiers take no part. `blocked` are the pseudonyms of `rules.blocked`: the caller has the key. The
    order of `in_force.links` does not matter. The anchor of a person is its strongest identifier, then the one first
    seen by event time, then the smallest.
    """
    return _Resolution(in_force, rules, erased, blocked).persons()


class _Resolution:
    """The work of one call: groups of identifiers that grow, with union by size."""

    def __init__(
        self, in_force: InForce, rules: IdentityRules, erased: Set[Identifier], blocked: Set[Identifier]
    ) -> None:
        self._rules, self._erased, self._blocked = rules, erased, blocked
        self._links = in_force.links
        self._group: dict[Identifier, list[Identifier]] = {}
        for link in self._links:
            for one in link[:2]:
                self._group[one] = [one]
        self._bans: dict[Identifier, set[Identifier]] = defaultdict(set)
        for a, b in in_force.bans:
            self._bans[a].add(b)
            self._bans[b].add(a)
        self._strength = {kind: rule.strength for kind, rule in rules.types.items()}
        self._unique = {kind for kind, rule in rules.types.items() if rule.unique}
        limits = (rule.per_person for kind, rule in rules.types.items() if kind not in self._unique)
        self._fewest = min(rules.most_identifiers - 1, *limits)
        """No limit is below it: so few identifiers are within all of them."""
        self._refused: list[Refusal] = []

    def persons(self) -> Persons:
        """Join what may be joined, merges first."""
        usable = [link for link in self._links if not self._refuse(link, self._unusable(link))]
        for link in sorted((one for one in usable if one.merge), key=self._order):
            self._join(link)
        usable = [link for link in usable if not link.merge]
        users = _users_of(usable, self._unique)
        kiosks = frozenset(one for (one, _), links in users.items() if self._is_kiosk(links))
        owner = {key: self._owner(links) for key, links in users.items() if self._users(links) > 1}
        usable = [link for link in usable if not self._refuse(link, self._disputed(link, kiosks, owner))]
        for link in sorted(self._within_limits(usable), key=self._order):
            self._join(link)
        contested = frozenset(one for one, _ in owner) - kiosks
        return Persons(self._anchors(), tuple(sorted(self._refused)), contested, kiosks)

    def _refuse(self, link: Link, reason: Refused | None) -> bool:
        """Keep a refusal, if there is a reason for one."""
        if reason is not None:
            self._refused.append(Refusal(link, reason))
        return reason is not None

    def _unusable(self, link: Link) -> Refused | None:
        for one in link[:2]:
            if one.kind not in self._strength:
                return Refused.UNKNOWN_TYPE
            if one in self._blocked:
                return Refused.BLOCKED
            if one in self._erased:
                return Refused.ERASED
        return None

    def _order(self, link: Link) -> tuple[int, int, int, int, Link]:
        """Operators' links first, then strong ones, then early ones; the rest only decides between equals."""
        strength = min(self._strength[link.a.kind], self._strength[link.b.kind])
        return 0 if link.by_operator else 1, -strength, link.since_ms, link.source, link

    def _users(self, links: Sequence[tuple[Identifier, Link]]) -> int:
        """How many persons the known users of an identifier are: merged users are one."""
        return len({id(self._group[user]) for user, _ in links})

    def _is_kiosk(self, links: Sequence[tuple[Identifier, Link]]) -> bool:
        """Whether as many known users as the rule says were first on the identifier on one day, UTC."""
        most = self._rules.kiosk_users_a_day
        if not most or len(links) < most:
            return False
        by_day: dict[int, set[int]] = defaultdict(set)
        for user, link in links:
            by_day[link.since_ms // DAY_MS].add(id(self._group[user]))
        return max(map(len, by_day.values())) >= most

    def _owner(self, links: Sequence[tuple[Identifier, Link]]) -> Identifier | None:
        """The known user who keeps a contested identifier; None for nobody."""
        if self._rules.contested == "none":
            return None
        if self._rules.contested == "first":
            return min(links, key=lambda one: (one[1].since_ms, one[1].source, one[0]))[0]
        return max(links, key=lambda one: (one[1].seen_ms, one[1].source, one[0]))[0]

    def _disputed(
        self, link: Link, kiosks: Set[Identifier], owner: Mapping[tuple[Identifier, str], Identifier | None]
    ) -> Refused | None:
        if link.a in kiosks or link.b in kiosks:
            return Refused.KIOSK
        for one, other in ((link.a, link.b), (link.b, link.a)) if owner else ():
            for kind in self._unique:
                if (one, kind) in owner:
                    keeps = owner[one, kind]
                    if keeps is None or (other.kind == kind and self._group[other] is not self._group[keeps]):
                        return Refused.CONTESTED
        return None

    def _within_limits(self, links: Sequence[Link]) -> list[Link]:
        """The links without those that a known user has beyond the limits: the weakest, the least recently seen."""
        direct: dict[int, list[tuple[Identifier, Link]]] = defaultdict(list)
        for link in links:
            for one, other in ((link.a, link.b), (link.b, link.a)):
                if one.kind in self._unique and other.kind not in self._unique:
                    direct[id(self._group[one])].append((other, link))
        beyond: set[Link] = set()
        for of_user in direct.values():
            if len(of_user) > self._fewest:
                beyond |= self._beyond(of_user)
        for link in beyond:
            self._refuse(link, Refused.LIMIT)
        return [link for link in links if link not in beyond] if beyond else list(links)

    def _beyond(self, direct: Sequence[tuple[Identifier, Link]]) -> set[Link]:
        """What one known user has beyond the limits, of its direct links."""
        kept: dict[Identifier, bool] = {}
        counts: Counter[str] = Counter()
        beyond = set()
        for other, link in sorted(direct, key=lambda one: self._recent(*one)):
            if other not in kept:
                room = counts[other.kind] < self._rules.types[other.kind].per_person
                kept[other] = room and counts.total() < self._rules.most_identifiers - 1
                counts[other.kind] += kept[other]
            if not kept[other]:
                beyond.add(link)
        return beyond

    def _recent(self, other: Identifier, link: Link) -> tuple[int, int, int, Link]:
        return 0 if link.by_operator else 1, -self._strength[other.kind], -link.seen_ms, link

    def _join(self, link: Link) -> None:
        """Make one group of two, or keep the reason why not."""
        one, other = self._group[link.a], self._group[link.b]
        if one is other or self._refuse(link, self._apart(one, other, merge=link.merge)):
            return
        into, gone = (one, other) if len(one) >= len(other) else (other, one)
        into += gone
        for member in gone:
            self._group[member] = into

    def _apart(self, one: Sequence[Identifier], other: Sequence[Identifier], *, merge: bool) -> Refused | None:
        """Why two groups stay two."""
        if self._bans and any(not self._bans[member].isdisjoint(other) for member in one if member in self._bans):
            return Refused.NEVER
        kinds, others = [member.kind for member in one], [member.kind for member in other]
        if not merge and any(kind in kinds and kind in others for kind in self._unique):
            return Refused.UNIQUE
        if len(one) + len(other) > self._rules.most_identifiers:
            return Refused.LIMIT
        if len(one) + len(other) > self._fewest:
            together = kinds + others
            for kind in set(together) - self._unique:
                if together.count(kind) > self._rules.types[kind].per_person:
                    return Refused.LIMIT
        return None

    def _anchors(self) -> dict[Identifier, Identifier]:
        """The anchor of each identifier."""
        first: dict[Identifier, int] = {}
        for link in self._links:
            for one in link[:2]:
                first[one] = min(first.get(one, link.since_ms), link.since_ms)
        found: dict[Identifier, Identifier] = {}
        for one, group in self._group.items():
            if one not in found:
                anchor = one
                if len(group) > 1:
                    anchor = min(group, key=lambda member: (-self._strength[member.kind], first[member], member))
                found.update(dict.fromkeys(group, anchor))
        return found


def _users_of(links: Iterable[Link], unique: Set[str]) -> dict[tuple[Identifier, str], list[tuple[Identifier, Link]]]:
    """The known users of each other identifier, apart by unique type, with the links that say so."""
    found: dict[tuple[Identifier, str], list[tuple[Identifier, Link]]] = defaultdict(list)
    for link in links:
        for one, other in ((link.a, link.b), (link.b, link.a)):
            if one.kind not in unique and other.kind in unique:
                found[one, other.kind].append((other, link))
    return found
