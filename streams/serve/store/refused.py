"""Dead letters without what was sent: counts by day, reason and source, and where the newest of them stand."""

from collections import deque
from struct import Struct
from typing import Any

import msgspec

from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.keys import Kind, of_number

DAY_MS = 86_400_000
MOST_SAMPLES = 1_000
"""Refused records whose places are kept, the newest."""
_COUNT = Struct(">Q")


class Place(msgspec.Struct, frozen=True):
    """A place on Kafka."""

    topic: str = ""
    partition: int = 0
    offset: int = 0


class LetterHead(msgspec.Struct, frozen=True):
    """What of a dead letter may be shown: nothing in it was written by a sender."""

    reason: str
    words: str = ""
    source: Place = Place()
    time: str = ""
    bytes: int = 0


class Refused(msgspec.Struct, frozen=True):
    """A refused record: why, and where it stands."""

    reason: str
    words: str
    """What is wrong, for a person; it may name a field, and has no value."""
    source: str
    """The topic that it was sent to."""
    position: str
    time: str
    """When Kafka got it, RFC 3339."""
    bytes: int
    letter: str
    """Where its dead letter stands."""
    refused_ms: int
    """When it was refused, by the broker's clock."""


_LETTERS = msgspec.json.Decoder(LetterHead)
_SAMPLES = msgspec.json.Decoder(Refused)


class RefusedRecords:
    """Counts and samples."""

    def __init__(self, database: Database) -> None:
        """Rebuilt from the store."""
        self._counts: dict[tuple[int, str, str], int] = {}
        for key, value in database.scan(Kind.REFUSED_COUNT.value):
            day, reason, source = key[1:].decode().split("\0")
            self._counts[int(day), reason, source] = _COUNT.unpack(value)[0]
        self._samples: deque[tuple[int, Refused]] = deque(
            (int.from_bytes(key[1:], "big"), _SAMPLES.decode(value)) for key, value in database.scan(Kind.REFUSED.value)
        )

    def put(self, record: Any, writes: Writes) -> None:
        """A dead letter as it stands on Kafka. msgspec.MsgspecError for what is none."""
        head = _LETTERS.decode(record.value or b"")
        source, key = head.source, (record.timestamp // DAY_MS, head.reason, head.source.topic)
        self._counts[key] = self._counts.get(key, 0) + 1
        writes.put(_of_count(key), _COUNT.pack(self._counts[key]))
        sample = Refused(
            head.reason,
            head.words,
            source.topic,
            f"{source.topic}/{source.partition}/{source.offset}",
            head.time,
            head.bytes,
            f"{record.topic}/{record.partition}/{record.offset}",
            record.timestamp,
        )
        number = self._samples[-1][0] + 1 if self._samples else 0
        self._samples.append((number, sample))
        writes.put(of_number(Kind.REFUSED, number), msgspec.json.encode(sample))
        if len(self._samples) > MOST_SAMPLES:
            writes.delete(of_number(Kind.REFUSED, self._samples.popleft()[0]))

    def counts(self, since_ms: int) -> dict[tuple[str, str], int]:
        """Refused records by reason and source, from the day of `since_ms` on."""
        found: dict[tuple[str, str], int] = {}
        for (day, reason, source), count in list(self._counts.items()):
            if day >= since_ms // DAY_MS:
                found[reason, source] = found.get((reason, source), 0) + count
        return found

    def newest(self) -> list[Refused]:
        """The samples, the newest first."""
        return sorted((one for _, one in list(self._samples)[::-1]), key=lambda one: -one.refused_ms)

    def forget_before(self, time_ms: int, writes: Writes) -> None:
        """Drop what was refused earlier."""
        for key in [key for key in self._counts if key[0] < time_ms // DAY_MS]:
            del self._counts[key]
            writes.delete(_of_count(key))
        while self._samples and self._samples[0][1].refused_ms < time_ms:
            writes.delete(of_number(Kind.REFUSED, self._samples.popleft()[0]))


def _of_count(key: tuple[int, str, str]) -> bytes:
    return Kind.REFUSED_COUNT.value + "\0".join(map(str, key)).encode()
