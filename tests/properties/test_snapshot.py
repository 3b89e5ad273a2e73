"""A model version survives its records, and no changed, missing or exchanged record survives the check."""

import tracemalloc
import zlib
from dataclasses import replace
from hashlib import sha256

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveprofile.models.clusterers.adoption import read_clusters, write_clusters
from liveprofile.models.clusterers.registry import create
from liveprofile.models.snapshot import (
    Learnt,
    ModelVersion,
    NewerSchemaError,
    SnapshotError,
    Watermark,
    decode_whole,
    encode_whole,
    sealed,
)
from liveprofile.models.snapshot_records import from_records, is_manifest, to_records


def model(seed: int = 1, examples: int = 40) -> ModelVersion:
    clusterer = create("kmeans", 3, clusters=4, warmup=8, first_id=2)
    for x in np.random.default_rng(seed).integers(-32767, 32768, (examples, 3)):
        clusterer.learn(x.astype(np.int16))
    adopted = {"what": "clusterer", "name": "kmeans", "version": 12} | write_clusters(*clusterer.centres(), {2: "pans"})
    return ModelVersion(
        version=12,
        covers=99,
        gaps=((3, 5),),
        watermarks={(1, 0): Watermark(17, 1, frozenset({3, 4})), (2, 3): Watermark(41, 7)},
        event_time_ms=1_700_000_000_000,
        learners={"clusterer": Learnt("kmeans", 0, examples, adopted, clusterer.snapshot())},
        events=({"type": "DriftFound", "observed": 0.25},),
    )


KEY = model().key
RECORDS = dict(to_records(model(), chunk_bytes=200))
"""The version in many small records."""
OLDER = replace(model(), watermarks={(1, 0): Watermark(17, 1, frozenset({3, 4}))})
"""A version that programs could write before there were ordinals."""
WHOLE = encode_whole(OLDER)
"""And its one record."""


def resealed(**changes: object) -> dict[bytes, bytes]:
    """The records with another manifest and a digest that fits it, as another program could have written it."""
    body = {key: value for key, value in orjson.loads(RECORDS[KEY]).items() if key != "sha256"} | changes
    return RECORDS | {KEY: sealed(body)}


@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(50, 5_000))
def test_a_model_version_survives_its_records(seed: int, examples: int, chunk_bytes: int) -> None:
    before = model(seed, examples)
    records = to_records(before, chunk_bytes)
    after = from_records(dict(records), KEY)
    assert after == before and to_records(after, chunk_bytes) == records


def test_the_manifest_is_the_last_record_and_no_other_is_larger_than_a_chunk() -> None:
    *parts, (last, _) = to_records(model(), chunk_bytes=200)
    assert last == KEY and not any(is_manifest(key) for key, _ in parts)
    assert max(len(value) for _, value in parts) == 200 and len(parts) > 3


@given(st.data())
def test_a_version_that_lacks_a_record_or_has_one_of_another_version_is_refused(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(RECORDS.keys() - {KEY})))
    other = to_records(model(seed=2, examples=50), chunk_bytes=200)
    for records in (
        {one: value for one, value in RECORDS.items() if one != key},
        RECORDS | {key: b""},
        RECORDS | {one: value for one, value in other if not is_manifest(one)},
    ):
        with pytest.raises(SnapshotError, match="snapshot"):
            from_records(records, KEY)


@settings(max_examples=300)
@given(st.data(), st.integers(1, 255))
def test_a_changed_byte_is_refused(data: st.DataObject, change: int) -> None:
    records = RECORDS if data.draw(st.booleans()) else {KEY: WHOLE}
    key = data.draw(st.sampled_from(sorted(records)))
    damaged = bytearray(records[key])
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= change
    with pytest.raises(SnapshotError, match="snapshot"):
        from_records(records | {key: bytes(damaged)}, KEY)


@pytest.mark.parametrize("records", [RECORDS, {KEY: WHOLE}], ids=["parts", "whole"])
def test_the_same_content_in_other_bytes_is_refused(records: dict[bytes, bytes]) -> None:
    with pytest.raises(SnapshotError, match="sha256"):
        from_records(records | {KEY: records[KEY].replace(b":", b": ", 1)}, KEY)


@given(st.data())
def test_a_cut_record_is_refused(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(RECORDS)))
    length = data.draw(st.integers(0, len(RECORDS[key]) - 1))
    with pytest.raises(SnapshotError, match="snapshot"):
        from_records(RECORDS | {key: RECORDS[key][:length]}, KEY)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(SnapshotError, match="snapshot"):
        from_records({KEY: data}, KEY)


@pytest.mark.parametrize("schema", [1, 4, None, "3"])
def test_another_schema_is_refused_with_both_numbers(schema: object) -> None:
    with pytest.raises(SnapshotError, match=f"has schema {schema}, this program reads 3") as told:
        from_records(resealed(schema=schema), KEY)
    assert isinstance(told.value, NewerSchemaError) == (schema == 4)


def test_a_version_under_another_key_is_refused() -> None:
    moved = {key.replace(b"@12", b"@13"): value for key, value in RECORDS.items()}
    with pytest.raises(SnapshotError, match="another key"):
        from_records(moved, b"models@13")


def test_a_manifest_that_vouches_for_itself_but_lacks_sense_is_refused() -> None:
    named = orjson.loads(RECORDS[KEY])["parts"]
    empty, huge = {"bytes": 0}, {"bytes": 1 << 40}
    for parts in (
        {},
        3,
        {"positions": 1},
        {"positions": {}},
        *({**named, "events": named["events"] | one} for one in (empty, huge)),
    ):
        with pytest.raises(SnapshotError):
            from_records(resealed(parts=parts), KEY)


def test_a_part_is_not_decompressed_beyond_the_size_that_the_manifest_says() -> None:
    """A few bytes that unfold to gigabytes must not fill the memory."""
    bomb = zlib.compress(b"[" + b"1," * 5_000_000 + b"1]")
    said = {"bytes": 2, "chunks": 1, "sha256": sha256(bomb).hexdigest()}
    records = resealed(parts=orjson.loads(RECORDS[KEY])["parts"] | {"events": said})
    tracemalloc.start()
    with pytest.raises(SnapshotError, match="damaged"):
        from_records(records | {KEY + b"/events/0": bomb}, KEY)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_version_of_a_program_that_wrote_one_record_is_read() -> None:
    assert from_records({KEY: WHOLE}, KEY) == OLDER == decode_whole(WHOLE)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(SnapshotError):
        decode_whole(b'{"schema":2,"sha256":"","training":' + b"[" * 900 + b"]" * 900 + b"}")


def test_an_adoption_carries_the_centres_themselves() -> None:
    (adopted,) = model().adopted
    clusters = read_clusters(orjson.loads(orjson.dumps(adopted)))
    assert (clusters.label, clusters.version, clusters.names) == ("kmeans@12", 12, {2: "pans"})
    assert clusters.ids.tolist() == adopted["ids"] and clusters.centres.shape == (4, 3)


def test_an_adoption_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(SnapshotError, match="not adopted clusters"):
        read_clusters(model().adopted[0] | {"k": 5})
