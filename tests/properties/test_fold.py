"""The fold gives the same bytes and the same facts however its log is cut, repeated or interrupted."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import DIMS, TOPICS, Log, activity, random_log, tick, with_erasures

from liveprofile.profiles.fold.cursor import CURSOR_KEY, Cursor
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.fold.step import step
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.codec import decode_rows, encode_rows
from liveprofile.profiles.state.row import blank_rows

POLICY = Policy(dims=DIMS)
SEEDS = st.integers(0, 2**32 - 1)


def fold_log(fold: Fold, log: Log, cuts: list[int], start: int = 0) -> dict[str, bytes]:
    """Apply a log in the batches that `cuts` make of it; the facts by id."""
    published: dict[str, bytes] = {}
    places = sorted({start, *(cut for cut in cuts if start < cut < len(log)), len(log)})
    for low, high in pairwise(places):
        keep_facts(published, fold.apply(log.keys[low:high], log.values[low:high], range(low, high)))
    return published


def keep_facts(published: dict[str, bytes], result: FoldResult) -> None:
    """Note the facts, and insist that a repeated id has the same payload."""
    for fact in [*result.changes, *result.anomalies]:
        assert published.setdefault(fact.record.fact_id, fact.payload) == fact.payload


def state_of(fold: Fold) -> tuple[dict[bytes, bytes], bytes]:
    """All state records of a fold that never checkpointed, and its cursor."""
    records, cursor = fold.checkpoint()
    return dict(records), cursor


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, cuts=st.lists(st.integers(0, 400), max_size=30))
def test_batches_do_not_matter(seed: int, cuts: list[int]) -> None:
    log = with_erasures(random_log(seed), seed)
    whole, parts = Fold(POLICY), Fold(POLICY)
    assert fold_log(whole, log, []) == fold_log(parts, log, cuts)
    assert state_of(whole) == state_of(parts)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_a_batch_equals_its_records_one_at_a_time(seed: int) -> None:
    log = with_erasures(random_log(seed, count=150), seed)
    whole, single = Fold(POLICY), Fold(POLICY)
    assert fold_log(whole, log, []) == fold_log(single, log, list(range(len(log))))
    assert state_of(whole) == state_of(single)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, checkpoint=st.integers(1, 399), crash=st.integers(0, 399), written=st.floats(0, 1))
def test_a_crash_in_the_middle_of_a_checkpoint_changes_nothing(
    seed: int, checkpoint: int, crash: int, written: float
) -> None:
    """Some profiles of the second checkpoint are durable and the cursor is not: replay from the first one."""
    log = with_erasures(random_log(seed), seed)
    crash = max(checkpoint, crash)
    undisturbed = Fold(POLICY)
    expected = fold_log(undisturbed, log, [])

    worker = Fold(POLICY)
    published = fold_log(worker, Log(log.keys[:checkpoint], log.values[:checkpoint]), [])
    records, cursor = worker.checkpoint()
    topic = dict(records) | {b"\x00cursor": cursor}
    published |= fold_log(worker, Log(log.keys[:crash], log.values[:crash]), [], start=checkpoint)
    torn = worker.checkpoint()[0]
    topic |= dict(torn[: round(written * len(torn))])

    restarted = Fold(POLICY)
    restarted.restore(list(topic.items()))
    for low in range(checkpoint, len(log), 37):
        high = min(low + 37, len(log))
        keep_facts(published, restarted.apply(log.keys[low:high], log.values[low:high], range(low, high)))
    assert published == expected
    assert restarted.cursor.population.to_state() == undisturbed.cursor.population.to_state()
    assert restarted.dictionary.known == undisturbed.dictionary.known
    for key, record in state_of(undisturbed)[0].items():
        if not key.startswith(b"\x00"):
            assert restarted.table.row(key).tobytes() == decode_rows([record], POLICY.dims).tobytes()


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_restoring_in_any_batches_equals_restoring_at_once(data: st.DataObject) -> None:
    """Rows written late by a worker that had lost the partition, and tombstones, included."""
    written = data.draw(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", CURSOR_KEY]), st.integers(-1, 9))))
    items = [(key, state_record(key, reach, at) if reach >= 0 else None) for at, (key, reach) in enumerate(written)]
    cuts = data.draw(st.lists(st.integers(0, len(items)), max_size=5))
    whole, parts = Fold(POLICY), Fold(POLICY)
    whole.restore(items)
    for low, high in pairwise([0, *sorted(cuts), len(items)]):
        parts.restore(items[low:high])
    expected = newest(items)
    for fold in (whole, parts):
        profiles = {key: encode_rows(fold.table.rows[fold.table.places([key])], DIMS)[0] for key in fold.table.keys}
        assert profiles == {key: value for key, value in expected.items() if key != CURSOR_KEY}
        assert fold.cursor.encode() == expected.get(CURSOR_KEY, Cursor().encode())


def state_record(key: bytes, applied: int, number: int) -> bytes:
    """A profile or a cursor that reaches up to `applied`, and can be told from others by its number."""
    if key == CURSOR_KEY:
        return Cursor(applied_through=applied, sources={0: number}).encode()
    row = blank_rows(1, DIMS)
    row["applied"], row["version"] = applied, number
    return encode_rows(row, DIMS)[0]


def newest(items: Sequence[tuple[bytes, bytes | None]]) -> dict[bytes, bytes]:
    """What counts of a state topic's records, found the slow way."""
    kept: dict[bytes, bytes] = {}
    for key, value in items:
        if value is None:
            kept.pop(key, None)
        elif key not in kept or reached(value) >= reached(kept[key]):
            kept[key] = value
    return kept


def reached(value: bytes) -> int:
    """Up to where a profile or a cursor has applied its log."""
    if value.startswith(b"{"):
        return Cursor.decode(value).applied_through
    return int(decode_rows([value], DIMS)["applied"][0])


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_applying_the_log_twice_changes_nothing(seed: int) -> None:
    log = random_log(seed)
    fold = Fold(POLICY)
    fold_log(fold, log, [])
    before = state_of(fold)
    again = fold.apply(log.keys, log.values, range(len(log)))
    assert (again.applied, again.changes, again.anomalies) == (0, [], [])
    assert state_of(fold) == ({}, before[1])


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_order_does_not_matter_to_interests(seed: int) -> None:
    random = np.random.default_rng(seed)
    events = [(float(random.uniform(0, 5 * 86400)), str(random.choice(TOPICS))) for _ in range(60)]
    vectors, masses = [], []
    for order in (sorted(events), [events[i] for i in random.permutation(len(events))]):
        fold = Fold(POLICY)
        records = [activity(at_s=at, topic=topic, offset=i) for i, (at, topic) in enumerate(order)]
        fold.apply([b"u"] * len(records), records, range(len(records)))
        row = fold.table.row(b"u")
        vectors.append(row["interest"].astype(float) * row["mass"][:, None] / 32767)
        masses.append(row["mass"].copy())
    np.testing.assert_allclose(masses[0], masses[1], rtol=1e-4)
    np.testing.assert_allclose(vectors[0], vectors[1], atol=2e-3 * masses[0].max())


@settings(max_examples=25, deadline=None)
@given(elapsed_s=st.floats(0, 400 * 86400), weight=st.sampled_from([Action.VIEW, Action.CART, Action.PURCHASE]))
def test_half_lives_halve(elapsed_s: float, weight: Action) -> None:
    fold = Fold(POLICY)
    records = [activity(weight, at_s=0, offset=0), activity(Action.VIEW, at_s=elapsed_s, offset=1, topic=None)]
    fold.apply([b"u", b"u"], records, [0, 1])
    row = fold.table.row(b"u")
    left = POLICY.rules.action_weights[weight] * 0.5 ** (elapsed_s / np.array(POLICY.rules.decay_half_life_s[:3]))
    np.testing.assert_allclose(row["mass"], left, rtol=1e-4, atol=1e-30)
    assert abs(remaining(1_800_000, 1800.0) - 0.5) < 1e-11


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_step_is_the_fold_of_one(seed: int) -> None:
    """Anomalies apart, whose prior of the population a single profile does not have."""
    random = np.random.default_rng(seed)
    records = [
        activity(Action(int(random.integers(0, 8))), at_s=60 * i, topic=str(random.choice(TOPICS)), offset=i)
        for i in range(30)
    ]
    fold, profile = Fold(POLICY), None
    fold.apply([b"u"] * len(records), records, range(len(records)))
    for offset, record in enumerate(records):
        profile, _ = step(profile, b"u", record, offset, POLICY)
    assert profile is not None
    assert decode_rows([profile], POLICY.dims).tobytes() == fold.table.row(b"u").tobytes()


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_what_a_tick_says_does_not_depend_on_what_was_said_before(seed: int) -> None:
    """A buffer of notes, used again, once left the evidence of one fact in another."""
    burst = [(b"u", activity(at_s=i * 0.5, offset=i)) for i in range(120)]
    noise = [(b"v%d" % i, activity(topic=str(i), at_s=60, offset=200 + i)) for i in range(seed % 300)]
    keys, values = zip(*burst, *noise, (b"\x00tick", tick(4000)), strict=True)
    places = [*range(120), *range(200, 200 + len(noise)), 600]
    whole, single = Fold(POLICY), Fold(POLICY)
    together, one_by_one = whole.apply(keys, values, places), FoldResult()
    for key, value, place in zip(keys, values, places, strict=True):
        one_by_one.anomalies += single.apply([key], [value], [place]).anomalies
    assert [fact.payload for fact in together.anomalies] == [fact.payload for fact in one_by_one.anomalies]
    states = [fact.record.state for fact in together.anomalies if fact.record.kind == "velocity"]
    assert states[0] == "raised" and states[-1] == "cleared"
