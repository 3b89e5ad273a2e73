"""The JSON Schema files in docs/schemas are those of the code, and what is written to the topics fits them."""

import msgspec
from support.activities import random_log

from liveprofile.profiles.facts.facts import AnomalyChanged, ProfileChanged
from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.schemas import FOLDER, schema_files
from liveprofile.streams.contract.topics import Topics

OUTPUTS = {
    "dead-letters.json",
    "item-neighbours.json",
    "items.json",
    "model-events.json",
    "profile-anomalies.json",
    "profile-changes.json",
    "profiles.json",
}
REQUIRED = {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_sequence", "ce_dataschema"}


def test_the_schema_files_are_current():
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert stored == schema_files(), "run `python -m liveprofile.streams.contract.schemas`"


def test_every_public_topic_has_a_schema():
    assert set(schema_files()) == {f"{topic}.json" for topic in Topics().inputs} | OUTPUTS


def test_facts_and_snapshots_decode_strictly_as_what_their_schema_says():
    log, fold, events = random_log(3, count=1_500), Fold(Policy()), CloudEvents("shop", lambda: 0)
    outcome = fold.apply(log.keys, log.values, range(len(log)))
    changes = [events.changed(fact) for fact in outcome.changes]
    assert changes
    for key, value, headers in changes:
        record = msgspec.json.decode(value, type=ProfileChanged)
        assert (record.profile_id.encode(), record.changes != []) == (key, True)
        assert set(dict(headers)) >= REQUIRED
    for _, value, _ in [events.anomaly(fact) for fact in outcome.anomalies]:
        msgspec.json.decode(value, type=AnomalyChanged)
    keys = fold.table.keys
    for key, taken in zip(keys, fold.encoded_snapshots(keys, "EUR"), strict=True):
        assert taken is not None
        written_key, value, _ = events.snapshot(key, taken.value)
        record = msgspec.json.decode(value, type=ProfileSnapshot)
        assert (written_key, record.profile_id.encode(), record.quality) == (key, key, taken.quality)
        assert msgspec.json.encode(record) == value


def test_a_fact_repeats_with_the_same_id_and_payload_whenever_it_is_written():
    log = random_log(3, count=300)
    first, later = (Fold(Policy()).apply(log.keys, log.values, range(len(log))).changes[0] for _ in range(2))
    one, two = CloudEvents("shop", lambda: 1).changed(first), CloudEvents("shop", lambda: 2).changed(later)
    assert one[:2] == two[:2]
    assert {name for name, value in one[2] if dict(two[2])[name] != value} == {"ce_recordedtime"}
