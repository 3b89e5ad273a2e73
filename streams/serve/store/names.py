"""Numbers for names of segments and lifecycle states, kept in the store so that rows mean the same after a restart."""

from collections.abc import Callable

from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.keys import Kind


class Names:
    """The names of one set, each with its number.

    A number is given to another name when all numbers are given and nobody has it any more.
    """

    def __init__(self, database: Database, label: str, first: int, most: int, is_unused: Callable[[int], bool]) -> None:
        """`label` names the set in the store; numbers are `first` to below `most`."""
        self._prefix = Kind.NAME.value + label.encode() + b"\0"
        self._first, self._most, self._is_unused = first, most, is_unused
        self.by_name: dict[str, int] = {}
        for key, value in database.scan(self._prefix):
            self.by_name[value.decode()] = int.from_bytes(key[len(self._prefix) :], "big")

    def find(self, name: str) -> int | None:
        """The number of a name that somebody had."""
        return self.by_name.get(name)

    def name_of(self, number: int) -> str:
        """The name with a number; empty for none."""
        return next((name for name, one in self.by_name.items() if one == number), "")

    def number(self, name: str, writes: Writes) -> int | None:
        """The number of a name, a new one if it has none; None where all are given to names that are in use."""
        if (known := self.by_name.get(name)) is not None:
            return known
        given = self.by_name.values()
        free = next((one for one in range(self._first, self._most) if one not in given), None)
        if free is None:
            old = next((old for old, one in self.by_name.items() if self._is_unused(one)), None)
            if old is None:
                return None
            free = self.by_name.pop(old)
        self.by_name[name] = free
        writes.put(self._prefix + free.to_bytes(2, "big"), name.encode())
        return free
