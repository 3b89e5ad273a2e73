"""Partition state: profile table, string dictionary and cursor; checkpoint and restore."""

from collections.abc import Iterable, Sequence

from liveprofile.profiles.fold.cursor import CURSOR_KEY, NAME_PREFIX, Cursor
from liveprofile.profiles.state.cold_store import ColdStore
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.table import Table


class PartitionState:
    """The state of one partition."""

    def __init__(self, dims: int, capacity: int, store: ColdStore | None) -> None:
        """`capacity` is the initial room for profiles; `store` has those that are not in memory."""
        self.table = Table(dims, capacity, store)
        self.dictionary = Dictionary()
        self.cursor = Cursor()

    def checkpoint(self) -> tuple[list[tuple[bytes, bytes | None]], bytes]:
        """State records touched since the last call (names, then profiles), and the cursor to write after them.

        None removes a name that was freed.
        """
        names = [(NAME_PREFIX + b"%08x" % number, value) for number, value in self.dictionary.take_unsaved()]
        return [*names, *self.table.take_touched()], self.cursor.encode()

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Load state records of a partition, in the order of the state topic and in any number of batches.

        A record without a value removes. Of several records of a profile the one that has applied most counts. Of
        several cursors the one that reaches furthest counts, on a tie the later one: a worker that had lost its
        partition may have written an old cursor last. ValueError for a foreign layout.
        """
        profiles: list[tuple[bytes, bytes]] = []
        for key, value in items:
            if key == CURSOR_KEY:
                found = Cursor.decode(value) if value is not None else Cursor()
                if value is None or found.applied_through >= self.cursor.applied_through:
                    self._go_on_from(found)
            elif key.startswith(NAME_PREFIX):
                self.dictionary.restore(int(key[len(NAME_PREFIX) :], 16), value)
            elif value is not None:
                profiles.append((key, value))
            else:
                self.table.restore(profiles)
                self.table.remove(key)
                profiles.clear()
        self.table.restore(profiles)

    def _go_on_from(self, cursor: Cursor) -> None:
        """Set the cursor; if it has other rules, all profiles become due to be judged again."""
        if cursor.rules.compiled_rules.version != self.cursor.rules.compiled_rules.version:
            self.table.due_index.make_all_due()
        self.cursor = cursor

    def restored(self, items: Sequence[tuple[bytes, bytes | None]]) -> list[tuple[bytes, bytes | None]]:
        """The records that the store lacks after `restore(items)`."""
        plain = [item for item in items if item[1] is None or item[0].startswith(NAME_PREFIX)]
        return [*plain, *self.table.take_touched(), (CURSOR_KEY, self.cursor.encode())]

    def recall(self, items: Sequence[tuple[bytes, bytes]], limit: int) -> None:
        """Read the records of the store; keep in memory those that must be there, and others up to `limit`."""
        profiles = [item for item in items if item[0] != CURSOR_KEY and not item[0].startswith(NAME_PREFIX)]
        if len(profiles) < len(items):
            self.restore([item for item in items if item[0] == CURSOR_KEY or item[0].startswith(NAME_PREFIX)])
        if profiles:
            self.table.recall(profiles, limit, self.cursor.rules.compiled_rules.version)

    def evict(self, limit: int) -> None:
        """Keep at most so many profiles in memory; the store must have the others."""
        self.table.evict(limit, self.cursor.rules.compiled_rules.version)
