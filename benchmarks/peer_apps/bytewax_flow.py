"""Bytewax: `KafkaSource`, `flat_map_batch`, `key_on` the profile, `stateful_batch`, `KafkaSink`, and a recovery store.

Configured as its documentation has it: batches of 1,000 from a partition, snapshots every 10 s, its default, one
worker. Otherwise: no activities on Kafka, it hands them on in memory, which is its advantage; and it commits nothing to
Kafka: its recovery store (SQLite on the local disk, pickled) has the offsets with the state. What a lost disk costs is
not measured. A batch of its stateful step is one profile's, so a fold call is for few events. Its sink flushes each
batch.
"""

from collections.abc import Iterable
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic

from benchmarks.peer_apps.engine import Activity, Ingest, Keeper, Place, Published

place = Place.from_environment()
ingest, keeper = Ingest(place.shop), Keeper(place.shop, 0)
brokers = [place.shop.bootstrap]

Stored = tuple[bytes, bytes]
"""A profile id and the profile."""


class Profile(StatefulBatchLogic[Activity, Published, Stored]):  # type: ignore[misc]  # Bytewax is not in .venv
    """One profile; the fold has it, and the recovery store what it was at the last snapshot."""

    def __init__(self, stored: Stored | None) -> None:
        self._key = b""
        if stored is not None:
            self._key = stored[0]
            keeper.restore(*stored)

    def on_batch(self, values: list[Activity]) -> tuple[Iterable[Published], bool]:
        """Fold the profile's activities."""
        if not self._key:
            self._key = values[0][0]
            keeper.restore(self._key, None)
        return keeper.apply_next(self._key, [value for _, value in values]), self.RETAIN

    def snapshot(self) -> Stored:
        """The profile as it is now."""
        return self._key, keeper.state(self._key)


def validated(batch: list[KafkaSourceMessage[Any, Any]]) -> Iterable[Activity]:
    """The activities of a batch."""
    for one in batch:
        assert one.topic is not None and one.partition is not None and one.offset is not None
        assert one.timestamp is not None
        yield from ingest.activities(one.topic, one.partition, one.offset, one.value, one.timestamp[1])


def record(keyed: tuple[str, Published]) -> KafkaSinkMessage[bytes, bytes]:
    """A fact for the sink."""
    key, value, headers = keyed[1]
    return KafkaSinkMessage(key, value, headers=headers)


flow = Dataflow("peer")
records = op.input("records", flow, KafkaSource(brokers, place.shop.topics.inputs))
activities = op.flat_map_batch("ingest", records, validated)
by_profile = op.key_on("by-profile", activities, lambda activity: activity[0].decode())
facts = op.stateful_batch("profiles", by_profile, Profile)
kop.output("facts", op.map("as-records", facts, record), brokers=brokers, topic=place.facts)
