"""A model version survives its bytes, and no changed byte survives the check."""

from hashlib import sha256

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveprofile.models.clusterers.adoption import read_clusters, write_clusters
from liveprofile.models.clusterers.registry import create
from liveprofile.models.snapshot import Learnt, ModelVersion, SnapshotError, decode, encode


def model(seed: int = 1, examples: int = 40) -> ModelVersion:
    clusterer = create("kmeans", 3, clusters=4, warmup=8, first_id=2)
    for x in np.random.default_rng(seed).integers(-32767, 32768, (examples, 3)):
        clusterer.learn(x.astype(np.int16))
    adopted = {"what": "clusterer", "name": "kmeans", "version": 12} | write_clusters(*clusterer.centres(), {2: "pans"})
    return ModelVersion(
        version=12,
        covers=99,
        gaps=((3, 5),),
        watermarks={(1, 0): (17, frozenset({3, 4})), (2, 3): (41, frozenset())},
        event_time_ms=1_700_000_000_000,
        learners={"clusterer": Learnt("kmeans", 0, examples, adopted, clusterer.snapshot())},
        events=({"type": "DriftFound", "observed": 0.25},),
    )


GOOD = encode(model())


def resealed(**changes: object) -> bytes:
    """A snapshot with other fields and a digest that fits them, as another program could have written it."""
    body = {key: value for key, value in orjson.loads(GOOD).items() if key != "sha256"} | changes
    digest = sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return orjson.dumps(body | {"sha256": digest}, option=orjson.OPT_SORT_KEYS)


@given(st.integers(0, 2**32), st.integers(0, 60))
def test_a_model_version_survives_its_bytes(seed: int, examples: int) -> None:
    before = model(seed, examples)
    after = decode(encode(before))
    assert after == before and encode(after) == encode(before)


@settings(max_examples=300)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused(place: int, change: int) -> None:
    damaged = bytearray(GOOD)
    damaged[place] ^= change
    with pytest.raises(SnapshotError, match="snapshot"):
        decode(bytes(damaged))


def test_the_same_content_in_other_bytes_is_refused() -> None:
    with pytest.raises(SnapshotError, match="sha256"):
        decode(GOOD.replace(b":", b": ", 1))


@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_snapshot_is_refused(length: int) -> None:
    with pytest.raises(SnapshotError, match="snapshot"):
        decode(GOOD[:length])


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(SnapshotError, match="snapshot"):
        decode(data)


@pytest.mark.parametrize("schema", [1, 3, None, "2"])
def test_another_schema_is_refused_with_both_numbers(schema: object) -> None:
    with pytest.raises(SnapshotError, match=f"has schema {schema}, this program reads 2"):
        decode(resealed(schema=schema))


def test_a_snapshot_that_vouches_for_itself_but_lacks_sense_is_refused() -> None:
    for changes in ({"learners": [1]}, {"learners": {"a": {}}}, {"watermarks": 3}, {"gaps": [[1]]}, {"news": 1}):
        with pytest.raises(SnapshotError):
            decode(resealed(**changes))


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(SnapshotError):
        decode(b'{"schema":2,"sha256":"","training":' + b"[" * 900 + b"]" * 900 + b"}")


def test_an_adoption_carries_the_centres_themselves() -> None:
    (adopted,) = model().adopted
    clusters = read_clusters(orjson.loads(orjson.dumps(adopted)))
    assert (clusters.label, clusters.version, clusters.names) == ("kmeans@12", 12, {2: "pans"})
    assert clusters.ids.tolist() == adopted["ids"] and clusters.centres.shape == (4, 3)


def test_an_adoption_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(SnapshotError, match="not adopted clusters"):
        read_clusters(model().adopted[0] | {"k": 5})
