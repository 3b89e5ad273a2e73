"""A snapshot's bytes are those of the profile made value by value, whatever the profile and whoever is beside it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import BRANDS, TOPICS, random_log
from support.predictors import predictor_record
from support.readable_snapshot import readable_bytes

from benchmarks.fold import activities
from liveprofile.models.clusterers.adoption import write_clusters
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.local_time import LocalTime
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.records.activity import VECTOR_ONE, Action, digest32, source_code
from liveprofile.profiles.state.row import SEGMENTS, Rows
from liveprofile.profiles.traits.attributes import shipped

POLICY = Policy()
PRIORS = {"all": [40.0, 0.25, 11.5, [["books", 0.5]]], f"entry:{digest32('books')}": [3.0, 1.0, None, []]}
PRIORS_RECORD = {"what": "priors", "name": "priors", "version": 4, "covers": 1, "groups": PRIORS}
ODD_NAMES = ('a "quoted" name', "back\\slash", "\x01 and ünïcode ☕", "")
ENDS = {
    "published_spend_band": 3,
    "published_part_of_day": 5,
    "published_price_band": 4,
    "published_discount_band": 3,
    "published_days": 3,
    "published_sentiment": 4,
    "published_probability_band": 3,
    "declared_how": 3,
    "recent_action": len(Action),
    "lifecycle": 20,
}
"""Numbers of places in closed lists: each is below its end."""


def models() -> list[dict[str, Any]]:
    """A predictor, clusters and priors to put in force."""
    centres = np.random.default_rng(5).integers(-9_000, 9_000, (3, 32)).astype(np.int16)
    clusters = {"what": "clusterer", "name": "kmeans", "version": 12}
    clusters |= write_clusters(np.arange(3), centres, {2: "pans"})
    return [predictor_record(), clusters, PRIORS_RECORD]


def assert_as_readable(fold: Fold, keys: list[bytes], at_once: int) -> None:
    for low in range(0, len(keys), at_once):
        some = keys[low : low + at_once]
        values = [one.value for one in fold.encoded_snapshots(some) if one is not None]
        assert values == readable_bytes(fold, some)


@pytest.fixture(scope="module")
def shop() -> Fold:
    """The shoppers of a simulated shop, before models are in force."""
    fold, (keys, values) = Fold(POLICY, "an embedder"), activities(24_000, users=8_000)
    fold.apply(keys, values, range(len(keys)))
    return fold


def test_snapshots_of_a_simulated_shop_are_as_the_readable_ones_before_and_after_models(shop: Fold) -> None:
    keys = sorted(shop.table.keys)
    assert len(keys) > 2_000
    assert_as_readable(shop, keys, 200)
    for model in models():
        shop.cursor.adopt(model, 0)
    assert_as_readable(shop, keys, 333)
    assert_as_readable(shop, keys[:40], 1)


@given(st.integers(0, 2**32), st.integers(2, 60), st.booleans())
@settings(deadline=None, max_examples=60)
def test_snapshots_of_any_rows_are_as_the_readable_ones(seed: int, count: int, local: bool) -> None:
    policy = Policy(local_time=LocalTime("Europe/Berlin", ((0, 3_600_000),))) if local else POLICY
    fold, keys = Fold(policy), [b"%032x" % at for at in range(count)]
    fold.table.rows[fold.table.places(keys)] = random_rows(fold, keys, np.random.default_rng(seed))
    for model in models() if seed % 2 else ():
        fold.cursor.adopt(model, 0)
    assert_as_readable(fold, keys, count)
    assert_as_readable(fold, keys[:3], 1)


def random_rows(fold: Fold, keys: list[bytes], random: np.random.Generator) -> Rows:
    """Rows with any values that their fields may hold, in any combination, and names for their numbers."""
    rows = fold.table.rows[fold.table.places(keys)].copy()
    for name in rows.dtype.names or ():
        rows[name] = _numbers(name, rows[name], random)
    for name in (*TOPICS, *BRANDS, *ODD_NAMES):
        fold.dictionary.learn(digest32(name), name)
    numbers = np.array([0, *(digest32(name) for name in (*TOPICS, *BRANDS, *ODD_NAMES)), 4_711], np.uint32)
    for name in ("topic", "brand", "published_topic", "slot_topic", "published_intent", "recent_topic", "entry"):
        rows[name] = random.choice(numbers, rows[name].shape)
    rows["published_intent"] = np.where(random.random(len(rows)) < 0.7, rows["topic"][:, 0], 0)
    rows["declared"] = _statements(random, rows["declared"].shape)
    rows["country"] = random.choice(np.frombuffer(b"DEFRUS\0\0", "<u2"), rows["country"].shape)
    rows["recent_source"] = source_code("clicks", 3, 17) + random.integers(0, 2**20, rows["recent_source"].shape)
    rows["member"] = random.integers(0, 2**SEGMENTS, len(rows), np.uint64)
    rows["seen_ms"] = rows["first_ms"] + random.integers(0, 10**10, len(rows))
    rows["erased_ms"] = 0
    return rows


def _numbers(name: str, field: Any, random: np.random.Generator) -> Any:
    """Values for a field: places in lists below their ends, floats at and around the middle of decimals, zeros."""
    shape, kind = field.shape, field.dtype.kind
    if name in ENDS:
        return random.integers(0, ENDS[name], shape)
    if name.endswith("_ms"):
        return random.integers(0, 4 * 10**12, shape) * (random.random(shape) < 0.8)
    if kind == "f":
        some = random.choice([1.0, 1e-3, 1e4, 1e18 if name == "topic_mass" else 1.0], shape) * random.random(shape)
        ties = random.integers(0, 4_000, shape) / random.choice([8, 16, 200, 2_000], shape)
        return np.where(random.random(shape) < 0.5, some, ties) * (random.random(shape) < 0.8)
    if name == "interest":
        return random.integers(-VECTOR_ONE, VECTOR_ONE, shape) * (random.random((*shape[:2], 1)) < 0.7)
    limit = min(np.iinfo(field.dtype).max, 2**40) if name in ("spent", "refunded") else np.iinfo(field.dtype).max
    if name in ("cluster", "orders", "orders_priced", "events", "reviews"):
        return random.integers(-1 if name == "cluster" else 0, random.choice([3, 12, 10**6]), shape)
    return random.integers(0, limit, shape, dtype=field.dtype) * (random.random(shape) < 0.7)


def _statements(random: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Attributes of the vocabulary and others, each with a value of its own, of another one, or none."""
    known = [(digest32(name), digest32(value)) for name, one in shipped().attributes.items() for value in one.values]
    pairs = np.array([*known[:60], (digest32("preferred_category"), digest32(TOPICS[0])), (1, 2), (3, 0)], np.uint32)
    return pairs[random.integers(0, len(pairs), shape[:-1])]


@given(st.lists(st.floats(-1e15, 1e15) | st.integers(-(10**7), 10**7).map(lambda one: one / 2_000)), st.integers(0, 5))
def test_columns_are_rounded_as_their_numbers_are(numbers: list[float], digits: int) -> None:
    found = rounded(np.array(numbers), digits).tolist()
    assert list(map(repr, found)) == [repr(round(number, digits)) for number in numbers]


def test_a_profile_that_is_erased_has_no_snapshot_and_leaves_the_others_theirs() -> None:
    log, fold = random_log(3), Fold(POLICY)
    fold.apply(log.keys, log.values, range(len(log.keys)))
    keys = sorted(fold.table.keys)
    fold.table.rows["erased_ms"][fold.table.places(keys[1:2])] = 1
    shown = fold.encoded_snapshots(keys)
    assert [one is None for one in shown] == [at == 1 for at in range(len(keys))]
    assert [one.value for one in shown if one is not None] == readable_bytes(fold, [keys[0], *keys[2:]])
