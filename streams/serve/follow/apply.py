"""Applies records of the followed topics to the store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import structlog

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.reader import header
from liveprofile.streams.serve.store.database import Writes
from liveprofile.streams.serve.store.keys import Kind
from liveprofile.streams.serve.store.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fact:
    """A record of changes or of anomalies that is durable and in the store, for those who follow the service."""

    topic: str
    partition: int
    offset: int
    profile_id: bytes
    value: bytes


class Applier:
    """Gives each record to the store; a record that cannot be read is counted, said once a topic, and passed over."""

    def __init__(self, store: Store, topics: Topics) -> None:
        self._store = store
        self.unreadable: dict[str, int] = {}
        """Records that could not be read since the start, by topic."""
        self._handlers: Mapping[str, Callable[[Any, Writes], bool]] = {
            topics.profiles: self._profile,
            topics.profile_changes: self._change,
            topics.profile_anomalies: self._anomaly,
            topics.items: self._item,
            topics.item_neighbours: self._neighbours,
            topics.models: self._model,
            topics.model_events: self._model_event,
            topics.rules: self._rules,
            topics.dead_letters: self._refused,
        }
        self._facts = (topics.profile_changes, topics.profile_anomalies)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that are followed."""
        return tuple(self._handlers)

    def apply(self, topic: str, partition: int, records: list[Any], facts: list[Fact]) -> None:
        """Records of one partition, in their order, in one write with the offset behind them.

        New facts are added to `facts`.
        """
        writes, handle, is_fact = Writes(), self._handlers[topic], topic in self._facts
        for record in records:
            try:
                is_new = handle(record, writes)
            except (msgspec.MsgspecError, ValueError) as error:
                self._pass_over(record, error)
                continue
            if is_new and is_fact:
                facts.append(Fact(topic, partition, record.offset, bytes.fromhex(record.key.decode()), record.value))
        self._store.put_offset(topic, partition, records[-1].offset + 1, writes)
        self._store.database.write(writes)

    def _profile(self, record: Any, writes: Writes) -> bool:
        profile_id = profile_of(record)
        if record.value is None:
            self._store.erase(profile_id, record.timestamp, writes)
        else:
            self._store.put_snapshot(
                profile_id, record.partition, record.offset, record.timestamp, record.value, writes
            )
        return True

    def _change(self, record: Any, writes: Writes) -> bool:
        profile_id = profile_of(record)
        head = self._store.put_change(
            profile_id,
            record.partition,
            record.offset,
            _event_ms(record),
            record.value or b"",
            writes,
            header(record, "ce_causationid") or "",
        )
        if head is not None and head.origin == "erasure":
            self._store.erase(profile_id, record.timestamp, writes)
        return head is not None

    def _anomaly(self, record: Any, writes: Writes) -> bool:
        profile_id = profile_of(record)
        if record.timestamp <= self._store.erased_ms(profile_id):
            return False
        self._store.anomalies.put(
            profile_id, record.partition, record.offset, _event_ms(record), record.value or b"", writes
        )
        return True

    def _item(self, record: Any, writes: Writes) -> bool:
        self._store.catalogue.put(Kind.ITEM, record.key, record.value, writes)
        return True

    def _neighbours(self, record: Any, writes: Writes) -> bool:
        self._store.catalogue.put(Kind.NEIGHBOURS, record.key, record.value, writes)
        return True

    def _model(self, record: Any, writes: Writes) -> bool:
        self._store.put_model(record.key, record.value, writes)
        return True

    def _model_event(self, record: Any, writes: Writes) -> bool:
        self._store.put_model_event(record.offset, record.value or b"", writes)
        return True

    def _rules(self, record: Any, writes: Writes) -> bool:
        self._store.publications.put(record.key or b"", record.offset, record.value, writes)
        return True

    def _refused(self, record: Any, writes: Writes) -> bool:
        self._store.refused.put(record, writes)
        return True

    def _pass_over(self, record: Any, error: Exception) -> None:
        """What cannot be read is said with its place, never with its content."""
        count = self.unreadable[record.topic] = self.unreadable.get(record.topic, 0) + 1
        if count == 1:
            place = f"{record.topic}/{record.partition}/{record.offset}"
            log.warning("a record cannot be read, and is passed over", place=place, problem=type(error).__name__)


def profile_of(record: Any) -> bytes:
    """The profile id of a record's key, 16 bytes. ValueError for a key that is none."""
    profile_id = bytes.fromhex((record.key or b"").decode("ascii"))
    if len(profile_id) != 16:
        raise ValueError("the key is no profile id")
    return profile_id


def _event_ms(record: Any) -> int:
    """The time of the event by the record's header, else the broker's."""
    try:
        return round(datetime.fromisoformat(header(record, "ce_time") or "").timestamp() * 1000)
    except ValueError:
        return int(record.timestamp)
