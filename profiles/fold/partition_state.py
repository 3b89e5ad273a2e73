"""Partition state: profile table, string dictionary and cursor; checkpoint and restore."""

from collections.abc import Iterable, Sequence

from liveprofile.profiles.fold.cursor import CURSOR_KEY, NAME_PREFIX, Cursor, applied_through_of
from liveprofile.profiles.fold.cursor_parts import PART_PREFIX
from liveprofile.profiles.state.cold_store import ColdStore
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.table import Table

INTERNAL = b"\x00"
"""What the keys of names, parts and the cursor begin with; no profile id does."""


class PartitionState:
    """The state of one partition."""

    def __init__(self, dims: int, capacity: int, store: ColdStore | None) -> None:
        """`capacity` is the initial room for profiles; `store` has those that are not in memory."""
        self.table = Table(dims, capacity, store)
        self.dictionary = Dictionary()
        self.cursor = Cursor()
        self.parts: dict[bytes, bytes] = {}
        """Records of the cursor's parts that are on the topic."""
        self._cursor_record: bytes | None = None
        """The cursor as it is on the topic."""
        self._counted = True
        """Whether there are counts that the newest tick has not put in force."""
        self._rest: tuple[int, int] | None = None
        """Until when the fold rests, epoch milliseconds, behind the offset that this is about."""

    def rests_until_ms(self) -> int:
        """Until when ticks would change nothing, epoch milliseconds; 0 if the next one may."""
        time = self.cursor.time
        if self._counted or time.past_ms or time.past_events:
            return 0
        if self._rest is None or self._rest[0] != self.cursor.applied_through:
            self._rest = self.cursor.applied_through, self.table.next_due_ms(self.cursor.rules.compiled_rules.version)
        return self._rest[1]

    def checkpoint(self) -> tuple[list[tuple[bytes, bytes | None]], bytes]:
        """State records touched since the last call (names, then profiles), and the cursor to write after them.

        None removes a name that was freed.
        """
        return self.take_touched(), self.cursor.encode()

    def take_touched(self) -> list[tuple[bytes, bytes | None]]:
        """State records touched since the last call: names, then profiles. None removes a name that was freed."""
        names = [(NAME_PREFIX + b"%08x" % number, value) for number, value in self.dictionary.take_unsaved()]
        return [*names, *self.table.take_touched()]

    def take_cursor(self) -> list[tuple[bytes, bytes]]:
        """The cursor for a topic, in records that are each below any limit; the last one must become durable last.

        They must be written before the next call.
        """
        records = self.cursor.records()
        self.parts.update(records[:-1])
        self._cursor_record = records[-1][1]
        return records

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Load state records of a partition, in the order of the state topic and in any number of batches.

        A record without a value removes. Of several records of a profile the one that has applied most counts. Of
        several cursors the one that reaches furthest counts, on a tie the later one: a worker that had lost its
        partition may have written an old cursor last. ValueError for a foreign layout.
        """
        profiles: list[tuple[bytes, bytes]] = []
        newest: bytes | None = None
        for key, value in items:
            if key == CURSOR_KEY:
                newest = self._newer(newest, value)
            elif key.startswith(PART_PREFIX):
                self._restore_part(key, value)
            elif key.startswith(NAME_PREFIX):
                self.dictionary.restore(int(key[len(NAME_PREFIX) :], 16), value)
            elif value is not None:
                profiles.append((key, value))
            else:
                self.table.restore(profiles)
                self.table.remove(key)
                profiles.clear()
        self.table.restore(profiles)
        if newest is not None:
            self._go_on_from(Cursor.decode(newest, self.parts))
            self._cursor_record = newest

    def _newer(self, known: bytes | None, value: bytes | None) -> bytes | None:
        """The record of the cursor that counts, of the one before and this one."""
        if value is None:
            self._go_on_from(Cursor())
            self._cursor_record = None
            return None
        through = applied_through_of(known) if known is not None else self.cursor.applied_through
        return value if applied_through_of(value) >= through else known

    def _restore_part(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.parts.pop(key, None)
        else:
            self.parts[key] = value

    def _go_on_from(self, cursor: Cursor) -> None:
        """Set the cursor; if it has other rules, all profiles become due to be judged again."""
        if cursor.rules.compiled_rules.version != self.cursor.rules.compiled_rules.version:
            self.table.due_index.make_all_due()
        self.cursor = cursor

    def restored(self, items: Sequence[tuple[bytes, bytes | None]]) -> list[tuple[bytes, bytes | None]]:
        """The records that the store lacks after `restore(items)`."""
        plain = [item for item in items if _is_plain(*item)]
        cursor = self._cursor_record if self._cursor_record is not None else self.cursor.encode()
        return [*plain, *self.table.take_touched(), (CURSOR_KEY, cursor)]

    def recall(self, items: Sequence[tuple[bytes, bytes]], limit: int) -> None:
        """Read the records of the store; keep in memory those that must be there, and others up to `limit`."""
        profiles = [item for item in items if not item[0].startswith(INTERNAL)]
        if len(profiles) < len(items):
            self.restore([item for item in items if item[0].startswith(INTERNAL)])
        if profiles:
            self.table.recall(profiles, limit, self.cursor.rules.compiled_rules.version)

    def evict(self, limit: int) -> None:
        """Keep at most so many profiles in memory; the store must have the others."""
        self.table.evict(limit, self.cursor.rules.compiled_rules.version)


def _is_plain(key: bytes, value: bytes | None) -> bool:
    """Whether the store takes the record as it is: a name, a part, a tombstone; it gets profiles from the table."""
    return key.startswith((NAME_PREFIX, PART_PREFIX)) or (value is None and key != CURSOR_KEY)
