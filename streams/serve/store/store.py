"""The store: everything that the service knows, and how a record changes it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from liveprofile.streams.serve.store.anomalies import Anomalies
from liveprofile.streams.serve.store.catalogue import Catalogue
from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.envelope import Stored, unwrap, wrap
from liveprofile.streams.serve.store.flows import Flows
from liveprofile.streams.serve.store.history import ChangeHead, ChangesHead, History, changes_head
from liveprofile.streams.serve.store.keys import Kind, of_number, of_offset, of_profile
from liveprofile.streams.serve.store.profiles import Profiles
from liveprofile.streams.serve.store.publications import Publications, cause_of
from liveprofile.streams.serve.store.refused import RefusedRecords
from liveprofile.streams.serve.store.row import head_of

_DAY_MS = 86_400_000


class Store:
    """One writer, the follower's thread; any number of readers."""

    def __init__(self, folder: Path, *, cache_mb: int = 128, half_life_s: float = 30 * 86_400.0) -> None:
        """Open the store in a folder, or make it. SetupError where that cannot be."""
        self.database = Database(folder, cache_mb)
        self._half_life_s = half_life_s
        self._load()

    def _load(self) -> None:
        self.profiles = Profiles(self.database)
        self.anomalies = Anomalies(self.database)
        self.history = History(self.database)
        self.flows = Flows(self.database)
        self.publications = Publications(self.database)
        self.refused = RefusedRecords(self.database)
        self.catalogue = Catalogue(self.database, self._half_life_s)
        scanned = self.database.scan(Kind.ERASED.value)
        self._erased = {key[1:]: int.from_bytes(value, "big") for key, value in scanned}

    def close(self) -> None:
        """Make everything durable."""
        self.database.close()

    def clear(self) -> None:
        """Begin anew."""
        self.database.clear()
        self._load()

    def snapshot(self, profile_id: bytes) -> Stored | None:
        """The latest snapshot of a profile; None where there is none."""
        stored = self.database.get(of_profile(Kind.PROFILE, profile_id))
        return unwrap(stored) if stored is not None else None

    def snapshots(self, profile_ids: list[bytes]) -> list[Stored | None]:
        """The same of several."""
        stored = self.database.get_many([of_profile(Kind.PROFILE, one) for one in profile_ids])
        return [unwrap(one) if one is not None else None for one in stored]

    def every_snapshot(self) -> Iterator[tuple[bytes, Stored]]:
        """All of them, by profile id."""
        for key, value in self.database.scan(Kind.PROFILE.value):
            yield key[1:], unwrap(value)

    def erased_ms(self, profile_id: bytes) -> int:
        """When a profile was erased, epoch milliseconds; 0 if it was not."""
        return self._erased.get(profile_id, 0)

    def verdict(self, anomaly_id: str) -> dict[str, object] | None:
        """The last verdict on an anomaly that this replica knows."""
        found = self.database.get(Kind.VERDICT.value + anomaly_id.encode())
        return orjson.loads(found) if found is not None else None

    def model_events(self, most: int) -> list[bytes]:
        """The last events of models, the newest first."""
        return [value for _, value in self.database.scan(Kind.MODEL_EVENT.value)][-most:][::-1]

    def model_keys(self) -> list[str]:
        """Keys on the topic `models`."""
        return [key[1:].decode("utf-8", "replace") for key, _ in self.database.scan(Kind.MODEL.value)]

    def offsets(self, topic: str) -> dict[int, int]:
        """The offset to go on at, by partition."""
        prefix = Kind.OFFSET.value + topic.encode() + b"\0"
        scanned = self.database.scan(prefix)
        return {int.from_bytes(key[len(prefix) :], "big"): int.from_bytes(value, "big") for key, value in scanned}

    def put_offset(self, topic: str, partition: int, offset: int, writes: Writes) -> None:
        """To be written with the records before it."""
        writes.put(of_offset(topic, partition), offset.to_bytes(8, "big"))

    def topic_id(self, topic: str) -> str:
        """Kafka's id of the topic that was followed; empty for none."""
        return (self.database.get(Kind.TOPIC.value + topic.encode()) or b"").decode()

    def note_topic(self, topic: str, topic_id: str) -> None:
        """Remember the id of a topic."""
        writes = Writes()
        writes.put(Kind.TOPIC.value + topic.encode(), topic_id.encode())
        self.database.write(writes)

    def put_snapshot(
        self, profile_id: bytes, partition: int, offset: int, time_ms: int, value: bytes, writes: Writes
    ) -> None:
        """A snapshot. msgspec.MsgspecError for a value that is none."""
        head = head_of(value)
        writes.put(of_profile(Kind.PROFILE, profile_id), wrap(partition, offset, head.version, time_ms, value))
        self.profiles.put(profile_id, head, writes)

    def put_change(
        self,
        profile_id: bytes,
        partition: int,
        offset: int,
        time_ms: int,
        value: bytes,
        writes: Writes,
        causation: str = "",
    ) -> ChangesHead | None:
        """A version of a profile that is no erasure; None for one that is known: workers may write a version twice.

        `time_ms` is that of its event, `causation` names the record that caused it. msgspec.MsgspecError for a value
        that is no change record.
        """
        head = changes_head(value)
        if not self.history.put(profile_id, Stored(partition, offset, head.version, time_ms, value), writes):
            return None
        moves = [one for one in head.changes if one.path in ("segments", "lifecycle")]
        if moves and head.origin != "erasure":
            self._count_moves(profile_id, head, moves, time_ms, causation, writes)
        return head

    def _count_moves(
        self,
        profile_id: bytes,
        head: ChangesHead,
        moves: list[ChangeHead],
        time_ms: int,
        causation: str,
        writes: Writes,
    ) -> None:
        """Count who entered and left: of all causes, of this one, and of an edit of the rules by the rules."""
        label = head.models.rules or ""
        is_edit = self.publications.is_edit(head.origin, label, time_ms, causation, writes)
        if is_edit:
            self.publications.mark(profile_id, head.version, label, writes)
        for one in moves:
            by_rules = is_edit and self.publications.touches(label, one.path, one.before, one.after)
            cause = cause_of(head.origin, label if by_rules else None)
            for of in ("", f"{cause}:", *([f"{label}:"] if by_rules else [])):
                self.flows.count(time_ms, f"{of}{one.path}", one.before, one.after, writes)

    def erase(self, profile_id: bytes, time_ms: int, writes: Writes) -> None:
        """Everything about a profile leaves, but for the time at which it was erased, by the broker's clock."""
        writes.delete(of_profile(Kind.PROFILE, profile_id))
        self.profiles.remove(profile_id, writes)
        self.history.remove(profile_id, writes)
        self.publications.forget(profile_id, writes)
        self.anomalies.remove(profile_id, writes)
        self._erased[profile_id] = max(time_ms, self._erased.get(profile_id, 0), 1)
        writes.put(of_profile(Kind.ERASED, profile_id), self._erased[profile_id].to_bytes(8, "big"))

    def put_model_event(self, offset: int, value: bytes, writes: Writes) -> None:
        """An event of a model."""
        writes.put(of_number(Kind.MODEL_EVENT, offset), value)

    def put_model(self, key: bytes, value: bytes | None, writes: Writes) -> None:
        """A record of `models`: that it is there, without its payload."""
        if value is None:
            writes.delete(Kind.MODEL.value + key)
        else:
            writes.put(Kind.MODEL.value + key, b"")

    def put_verdict(self, anomaly_id: str, verdict: bytes, writes: Writes) -> None:
        """A verdict on an anomaly, a JSON object."""
        writes.put(Kind.VERDICT.value + anomaly_id.encode(), verdict)

    def forget_old(self, days: float) -> int:
        """Drop changes, steps of anomalies and flows that are older; returns how many records went."""
        before_ms = int(time.time() * 1000 - days * _DAY_MS)
        writes, count = Writes(), 0
        for key in self.history.old(before_ms):
            writes.delete(key)
            count += 1
        self.flows.forget_before(before_ms, writes)
        self.refused.forget_before(before_ms, writes)
        self.database.write(writes)
        return count
