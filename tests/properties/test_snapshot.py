"""A model version survives its bytes, and no changed byte survives the check."""

import dataclasses
from hashlib import sha256

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.clusterers.registry import create
from models.snapshot import ModelVersion, SnapshotError, adoption, decode, encode, read_adoption


def model(seed: int = 1, examples: int = 40) -> ModelVersion:
    clusterer = create("kmeans", 3, clusters=4, warmup=8, first_id=2)
    for x in np.random.default_rng(seed).integers(-32767, 32768, (examples, 3)):
        clusterer.learn(x.astype(np.int16))
    ids, centres = clusterer.centres()
    return ModelVersion(
        name="kmeans",
        version=12,
        ids=ids,
        centres=centres,
        next_id=clusterer.next_id,
        covers=99,
        examples=examples,
        gaps=((3, 5),),
        watermarks={0: 17, 3: 41},
        event_time_ms=1_700_000_000_000,
        training=clusterer.snapshot(),
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
    for field in dataclasses.fields(ModelVersion):
        old, new = getattr(before, field.name), getattr(after, field.name)
        assert (old.tolist() == new.tolist()) if isinstance(old, np.ndarray) else old == new, field.name
    assert encode(after) == encode(before)


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


@pytest.mark.parametrize("schema", [0, 2, None, "1"])
def test_another_schema_is_refused_with_both_numbers(schema: object) -> None:
    with pytest.raises(SnapshotError, match=f"has schema {schema}, this program reads 1"):
        decode(resealed(schema=schema))


def test_a_snapshot_that_vouches_for_itself_but_lacks_sense_is_refused() -> None:
    for changes in ({"ids": [1]}, {"centres": "%%"}, {"watermarks": 3}, {"gaps": [[1]]}, {"k": "three"}):
        with pytest.raises(SnapshotError):
            decode(resealed(**changes))


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(SnapshotError):
        decode(b'{"schema":1,"sha256":"","training":' + b"[" * 900 + b"]" * 900 + b"}")


def test_an_adoption_carries_the_centres_themselves() -> None:
    adopted = read_adoption(orjson.loads(orjson.dumps(adoption(model()))))
    assert (adopted.label, adopted.version) == ("kmeans@12", 12)
    assert adopted.ids.tolist() == model().ids.tolist() and adopted.centres.tobytes() == model().centres.tobytes()


def test_an_adoption_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(SnapshotError, match="not an adopted model"):
        read_adoption(adoption(model()) | {"k": 5})
