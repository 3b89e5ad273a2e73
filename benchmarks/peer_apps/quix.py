"""Quix Streams: two dataframes in one application, `apply(stateful=True)` with changelog-backed State.

Configured as its documentation has it: at-least-once, a checkpoint every 5 s (flushed changelog, then offsets), bytes
in and out, so that no JSON is parsed that the engine does not need. State is in RocksDB and in a changelog topic,
written at checkpoints. Otherwise: one message at a time reaches the functions, so every event is a fold call of its
own. Its advantage: only the last value of a profile since the checkpoint goes to the changelog.

`QUIX_GUARANTEE=exactly-once` runs it in transactions; then a consumer sees facts only once a checkpoint is committed.
"""

import os
from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.models.serializers import SerializationContext, Serializer

from benchmarks.peer_apps.engine import Activity, Ingest, Place, Published, keepers

STATE_KEY = "profile"


class Second(Serializer):  # type: ignore[misc]  # Quix Streams is taken as untyped: it is not in .venv
    """The value of a pair or triple of key, value and headers."""

    def __call__(self, value: Any, ctx: SerializationContext) -> bytes:
        return bytes(value[1])


def main() -> None:
    """Run until SIGTERM."""
    place = Place.from_environment()
    shop = place.shop
    app = Application(
        broker_address=shop.bootstrap,
        consumer_group="quix",
        auto_offset_reset="earliest",
        state_dir=place.folder,
        processing_guarantee=os.environ.get("QUIX_GUARANTEE", "at-least-once"),
        loglevel="WARNING",
    )
    activity = app.topic(
        place.activity,
        key_deserializer="bytes",
        value_deserializer="bytes",
        key_serializer="bytes",
        value_serializer=Second(),
    )
    facts = app.topic(place.facts, key_serializer="bytes", value_serializer=Second())
    ingest, keeper = Ingest(shop), keepers(shop)

    def validated(value: bytes, key: bytes, timestamp_ms: int, headers: Any) -> list[Activity]:
        at = message_context()
        return ingest.activities(at.topic, at.partition, at.offset, value, timestamp_ms)

    def folded(value: bytes, key: bytes, timestamp_ms: int, headers: Any, state: State) -> list[Published]:
        at = message_context()
        keep = keeper(at.partition)
        if not keep.has(key):
            keep.restore(key, state.get_bytes(STATE_KEY))
        found = keep.apply([key], [value], [at.offset])
        for stored in keep.states().values():
            state.set_bytes(STATE_KEY, stored)
        return found

    for name in shop.topics.inputs:
        records = app.dataframe(app.topic(name, key_deserializer="bytes", value_deserializer="bytes"))
        lines = records.apply(validated, expand=True, metadata=True)
        lines.to_topic(activity, key=_key)
    profiles = app.dataframe(activity)
    changes = profiles.apply(folded, stateful=True, expand=True, metadata=True)
    changes.set_headers(lambda value, *_: value[2]).to_topic(facts, key=_key)
    app.run()


def _key(value: Activity | Published) -> bytes:
    return value[0]


if __name__ == "__main__":
    main()
