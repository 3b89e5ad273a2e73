"""Facts and snapshots as Kafka records: CloudEvents 1.0 in binary mode, JSON values.

The value of a fact depends on the log alone, so a repeat after a crash has the same id and the same bytes;
only `ce_recordedtime`, the time of writing, may differ.
"""

from collections.abc import Callable
from typing import NamedTuple

from liveprofile.profiles.facts.facts import AnomalyChanged, Fact, ProfileChanged, rfc3339
from liveprofile.streams.contract.model_events import ModelEvents
from liveprofile.streams.transport.record import Item

CHANGED = b"liveprofile.profile.changed.v1"
ANOMALY = b"liveprofile.anomaly.changed.v1"
SNAPSHOT = b"liveprofile.profile.snapshot.v1"
_JSON = ("content-type", b"application/json")
_VERSION = ("ce_specversion", b"1.0")


class _Kind(NamedTuple):
    """The headers that all facts of a topic have."""

    type: tuple[str, bytes]
    schema: tuple[str, bytes]


_CHANGED = _Kind(("ce_type", CHANGED), ("ce_dataschema", b"/schemas/profile-changes.json"))
_ANOMALY = _Kind(("ce_type", ANOMALY), ("ce_dataschema", b"/schemas/profile-anomalies.json"))
_SNAPSHOT = ("ce_type", SNAPSHOT)
Payload = Callable[[Fact[ProfileChanged] | Fact[AnomalyChanged]], bytes]
"""Encodes the record of a fact."""


class CloudEvents:
    """Encodes records of one source, the app."""

    def __init__(self, app_id: str, now_ms: Callable[[], int], payload: Payload | None = None) -> None:
        """`now_ms` is the clock for `ce_recordedtime`, epoch milliseconds; `payload` encodes a fact's record.

        Without it records are encoded as the fold made them, with English messages.
        """
        self._source = ("ce_source", f"/liveprofile/{app_id}".encode())
        self.of_models = ModelEvents(app_id, now_ms)
        self._now_ms = now_ms
        self._payload = payload or _own_payload

    def changed(self, fact: Fact[ProfileChanged], trace: bytes | None = None) -> Item:
        """The record of a profile change, keyed by profile id. `trace` is the cause's traceparent."""
        return self._fact(fact, _CHANGED, trace)

    def anomaly(self, fact: Fact[AnomalyChanged], trace: bytes | None = None) -> Item:
        """The record of an anomaly that was raised, updated or cleared, keyed by profile id."""
        return self._fact(fact, _ANOMALY, trace)

    def snapshot(self, key: bytes, value: bytes) -> Item:
        """The record of a profile's present snapshot, for the compacted topic; `value` is a `ProfileSnapshot`."""
        return key, value, [_VERSION, _SNAPSHOT, self._source, ("ce_subject", key), _JSON]

    def _fact(self, fact: Fact[ProfileChanged] | Fact[AnomalyChanged], kind: _Kind, trace: bytes | None) -> Item:
        record = fact.record
        key = record.profile_id.encode()
        headers = [
            _VERSION,
            ("ce_id", record.fact_id.encode()),
            kind.type,
            self._source,
            ("ce_subject", key),
            ("ce_time", rfc3339(fact.time_ms).encode()),
            ("ce_recordedtime", rfc3339(self._now_ms()).encode()),
            ("ce_partitionkey", key),
            ("ce_sequence", b"%010d" % record.number),
            ("ce_causationid", fact.cause.encode("utf-8", "replace")),
            kind.schema,
            _JSON,
        ]
        if trace is not None:
            headers.append(("traceparent", trace))
        return key, self._payload(fact), headers


def _own_payload(fact: Fact[ProfileChanged] | Fact[AnomalyChanged]) -> bytes:
    return fact.payload
