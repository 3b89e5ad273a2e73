"""How many profiles entered and left each segment and lifecycle state, by the hour."""

from collections.abc import Iterable
from struct import Struct

import msgspec

from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.keys import Kind, flow_of, of_flow

HOUR_MS = 3_600_000
_COUNTS = Struct(">QQ")


class Flow(msgspec.Struct, frozen=True):
    """What moved in a segment, or in a lifecycle state."""

    entered: int = 0
    left: int = 0


class Flows:
    """Counts by hour and name; names of lifecycle states begin with `lifecycle/`, of segments with `segments/`."""

    def __init__(self, database: Database) -> None:
        """Rebuilt from the store."""
        self._counts: dict[tuple[int, str], tuple[int, int]] = {}
        for key, value in database.scan(Kind.FLOW.value):
            self._counts[flow_of(key)] = _COUNTS.unpack(value)

    def count(self, time_ms: int, path: str, before: object, after: object, writes: Writes) -> None:
        """A change of the path `segments` or `lifecycle`."""
        was, will = set(names_of(before)), set(names_of(after))
        for name in was ^ will:
            key = (time_ms // HOUR_MS, f"{path}/{name}")
            entered, left = self._counts.get(key, (0, 0))
            counts = (entered + (name in will), left + (name in was))
            self._counts[key] = counts
            writes.put(of_flow(*key), _COUNTS.pack(*counts))

    def since(self, time_ms: int, path: str) -> dict[str, Flow]:
        """By name, from the hour of `time_ms` on."""
        first, start, found = time_ms // HOUR_MS, f"{path}/", dict[str, Flow]()
        for (hour, name), (entered, left) in list(self._counts.items()):
            if hour >= first and name.startswith(start):
                short = name[len(start) :]
                known = found.get(short, Flow())
                found[short] = Flow(known.entered + entered, known.left + left)
        return found

    def forget_before(self, time_ms: int, writes: Writes) -> None:
        """Drop hours that are over."""
        for key in [key for key in self._counts if key[0] < time_ms // HOUR_MS]:
            del self._counts[key]
            writes.delete(of_flow(*key))


def names_of(value: object) -> Iterable[str]:
    """The names on one side of a change: of segments several, of a state one."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    return [value] if isinstance(value, str) else []
