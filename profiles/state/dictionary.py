"""The string dictionary: the texts of the 32-bit numbers of topics and brands, learnt once per partition.

A name's number is its `digest32`. Two names may have the same digest; `name_check`, another 32 bits, tells them apart.
The second one then gets the next free number. A name that only declarations of shoppers have used belongs to them, and
goes with the last of their profiles. When the dictionary is nearly full, the names unused for longest leave; a name
that is used again is learnt again.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import orjson

from liveprofile.profiles.records.activity import digest32, name_check

LIMIT = 200_000
"""Maximum number of names; beyond it a digest is shown as hex, so hostile input cannot fill the memory."""
FULL, ROOMY = LIMIT - LIMIT // 10, LIMIT - LIMIT // 4
"""Number of names beyond which the ones unused for longest leave at a tick, and how many stay."""
MONTH_MS = 30 * 86_400_000
"""Grain of the last use, so that a name is seldom written again for it."""
_END = b"\x00"
"""After the text in a record; no name has it."""


@dataclass(slots=True)
class Name:
    """A name and what is known of it."""

    text: str
    digest: int
    """Its `digest32`, which is its number unless another name had that number."""
    check: int = 0
    """Its `name_check`; 0 if unknown, which agrees with any."""
    month: int = 0
    """Number of the 30 days of its newest use, by event time."""
    owners: set[str] | None = None
    """Profile ids of the shoppers who declared it; None once anything else has used it."""

    def encode(self) -> bytes:
        """The value of its record: the text, then the other attributes as a JSON array."""
        owners = sorted(self.owners) if self.owners is not None else None
        return self.text.encode() + _END + orjson.dumps([self.digest, self.check, self.month, owners])

    @classmethod
    def decode(cls, number: int, value: bytes) -> "Name":
        """The name of a record; those of earlier versions have the text alone."""
        text, _, rest = value.partition(_END)
        if not rest:
            return cls(text.decode(), number, name_check(text.decode()) if digest32(text.decode()) == number else 0)
        digest, check, month, owners = orjson.loads(rest)
        return cls(text.decode(), digest, check, month, set(owners) if owners is not None else None)


@dataclass(slots=True)
class Dictionary:
    """Names by number. A number keeps its name while the name is known, so facts that use it are repeatable."""

    names: dict[int, Name] = field(default_factory=dict)
    unsaved: dict[int, None] = field(default_factory=dict)
    """Numbers learnt, changed or freed since the last checkpoint, in this order."""
    _moved: dict[tuple[int, int], int] = field(default_factory=dict)
    """Digest and check of names whose number is not their digest, to the number."""
    _owned: dict[str, set[int]] = field(default_factory=dict)
    """Profile id to the numbers of names that it owns, alone or with others."""

    @property
    def known(self) -> dict[int, str]:
        """All texts by number."""
        return {number: one.text for number, one in self.names.items()}

    def find(self, digest: int, check: int) -> int | None:
        """The number of a name; None if it is not known."""
        found = self.names.get(digest)
        if found is not None and ((found.digest == digest and check in (0, found.check)) or not found.check):
            return digest
        return self._moved.get((digest, check)) if self._moved else None

    def learn(
        self, digest: int, text: str, check: int = 0, month: int = 0, owners: Collection[str] | None = None
    ) -> int:
        """The number of a name, which is learnt unless it is known or the limit is reached."""
        number = self.find(digest, check)
        if number is not None:
            return number
        if len(self.names) >= LIMIT:
            return digest
        number = digest
        while number in self.names or number == 0:
            number = (number + 1) & 0xFFFFFFFF
        self._put(number, Name(text, digest, check, month, set(owners) if owners is not None else None))
        self.unsaved[number] = None
        return number

    def use(self, number: int, month: int, owners: Collection[str] | None) -> None:
        """Note the use of a known name, in declarations of `owners`, or in any other activity if it is None."""
        found = self.names.get(number)
        if found is None:
            return
        if found.month < month:
            found.month = month
            self.unsaved[number] = None
        if found.owners is not None:
            if owners is None:
                self._publish(number, found)
            elif not found.owners.issuperset(owners):
                found.owners |= set(owners)
                self._note_owners(number, owners)
                self.unsaved[number] = None

    def disown(self, profile_id: str) -> None:
        """Free the names that belong to a profile alone: it was erased."""
        for number in sorted(self._owned.pop(profile_id, ())):
            found = self.names[number]
            assert found.owners is not None, "a name that anybody has used is in no list of a profile's own"
            found.owners.discard(profile_id)
            if not found.owners:
                self._drop(number)
            self.unsaved[number] = None

    def make_room(self) -> None:
        """If the dictionary is nearly full, free the names unused for longest."""
        if len(self.names) <= FULL:
            return
        oldest = sorted(self.names, key=lambda number: (self.names[number].month, number))
        for number in oldest[: len(self.names) - ROOMY]:
            self._drop(number)
            self.unsaved[number] = None

    def take_unsaved(self) -> Iterator[tuple[int, bytes | None]]:
        """Number and record of all changes since the last call; None for a name that was freed."""
        changed, self.unsaved = self.unsaved, {}
        for number in changed:
            yield number, self.names[number].encode() if number in self.names else None

    def restore(self, number: int, value: bytes | None) -> None:
        """Load a name from its state record; None removes it."""
        self._drop(number)
        if value is not None:
            self._put(number, Name.decode(number, value))

    def name(self, digest: int) -> str:
        """The text, or the number in hex if it is unknown."""
        found = self.names.get(int(digest))
        return found.text if found is not None and found.text else f"#{int(digest):08x}"

    def all(self, digests: list[int]) -> list[str]:
        """The texts of several numbers."""
        return [self.name(digest) for digest in digests]

    def _put(self, number: int, name: Name) -> None:
        self.names[number] = name
        if number != name.digest:
            self._moved[name.digest, name.check] = number
        self._note_owners(number, name.owners or ())

    def _drop(self, number: int) -> None:
        found = self.names.pop(number, None)
        if found is not None:
            self._moved.pop((found.digest, found.check), None)
            self._forget_owners(number, found)

    def _publish(self, number: int, name: Name) -> None:
        """A name that a declaration brought is used by others, too: it belongs to nobody."""
        self._forget_owners(number, name)
        name.owners = None
        self.unsaved[number] = None

    def _note_owners(self, number: int, owners: Collection[str]) -> None:
        for owner in owners:
            self._owned.setdefault(owner, set()).add(number)

    def _forget_owners(self, number: int, name: Name) -> None:
        for owner in name.owners or ():
            mine = self._owned.get(owner, set())
            mine.discard(number)
            if not mine:
                self._owned.pop(owner, None)
