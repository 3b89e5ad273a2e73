"""The engine says what the stream says: the same log through the fold gives the same bytes."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pytest
from support.offline import DIMS, DrawnVectors, PartitionState, shop, wiring

from liveprofile.models.learners.port import Schedule
from liveprofile.models.snapshot_records import is_manifest
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action, Kind, decode_heads
from liveprofile.streams.backtest.engine import engine as engine_module
from liveprofile.streams.backtest.engine.arrivals import Arrival, of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.observer import cuts
from liveprofile.streams.contract.inputs.common import EARLIEST_MS, LATEST_MS
from liveprofile.streams.datasets.jsonl import read
from liveprofile.streams.datasets.record import Skipped
from liveprofile.streams.stages.learn import learners

CHANGES, ANOMALIES = "profile-changes", "profile-anomalies"


async def folded(
    tmp_path: Path, arrivals: list[Arrival], partitions: int = 1, **options: object
) -> tuple[PartitionState, dict]:
    """What the engine hands out, and the state of all profiles."""
    kept = PartitionState()
    async with Engine(wiring(tmp_path, partitions), output=kept, **options) as engine:
        await engine.run(arrivals)
        state = dict(record for one in engine.partitions for record in one.fold.checkpoint()[0])
    return kept, state


async def test_the_same_log_through_a_fold_of_other_batches_gives_the_same_bytes(tmp_path: Path) -> None:
    kept, state = await folded(tmp_path, shop(2_000), partitions=2, batch=350)
    facts, plain = Counter[bytes](), {}
    for number in range(2):
        fold, log = Fold(Policy(), DrawnVectors.model_id, number), kept.records["liveprofile.activity", number]
        for at in range(0, len(log), 97):
            piece = log[at : at + 97]
            keys, values = [one.key for one in piece], [one.value or b"" for one in piece]
            result = fold.apply(keys, values, [one.offset for one in piece])
            facts.update(fact.payload for fact in (*result.changes, *result.anomalies))
        plain |= dict(fold.checkpoint()[0])
    assert len(plain) > 40
    assert plain == state
    assert facts == Counter([*kept.values(CHANGES), *kept.values(ANOMALIES)])


async def test_models_are_learnt_as_the_learn_stage_learns_them_and_are_put_in_force(tmp_path: Path) -> None:
    kept, _ = await folded(tmp_path, shop(2_500), batch=400)
    versions = [one for one in kept.records["liveprofile.models", 0] if is_manifest(one.key or b"") and one.value]
    log = decode_heads([value or b"" for value in kept.values("liveprofile.activity")], DIMS)
    assert len(versions) >= 2
    assert np.count_nonzero(log["kind"] == Kind.ADOPT) >= len(versions) - 1
    assert any(b'"path":"cluster"' in (value or b"") for value in kept.values(CHANGES))


async def test_without_a_model_the_bytes_do_not_depend_on_the_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learners, "PREDICTOR_SCHEDULE", Schedule(first_after=10**6))
    arrivals, results = shop(1_500), []
    for batch in (64, 1_000):
        kept = PartitionState()
        async with Engine(wiring(tmp_path, first_model_after=10**6, model_every=10**6), output=kept, batch=batch) as e:
            await e.run(arrivals)
            results.append(
                (e.partitions[0].fold.checkpoint(), kept.values(CHANGES), kept.values("liveprofile.activity"))
            )
    assert results[0] == results[1]


async def test_activities_stand_in_the_order_of_arrival_with_ticks_between_them(tmp_path: Path) -> None:
    kept, _ = await folded(tmp_path, shop(1_000, broken_share=0.02), batch=300, tick_s=60.0)
    heads = decode_heads([value or b"" for value in kept.values("liveprofile.activity")], DIMS)
    times = heads["event_time_ms"][heads["kind"] != Kind.ADOPT]
    assert np.all(np.diff(times) >= 0)
    ticks = heads["event_time_ms"][heads["kind"] == Kind.TICK]
    assert len(ticks) > 10
    assert set(np.diff(ticks).tolist()) == {60_000}
    assert kept.values("dead-letters")


class _Purchases:
    """Keeps what the engine shows before each purchase."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, int]] = []

    def wants(self, keys: Sequence[bytes | None], heads: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
        return (heads["kind"] == Kind.EVENT) & (heads["action"] == Action.PURCHASE) & (heads["line"] == 0)

    def see(self, key: bytes, head: np.void, row: np.void | None) -> None:
        self.seen.append((key, 0 if row is None else int(row["events"])))


async def test_an_observer_sees_each_profile_as_it_was_just_before(tmp_path: Path) -> None:
    kept, purchases = PartitionState(), _Purchases()
    async with Engine(wiring(tmp_path), output=kept, observer=purchases, batch=900) as engine:
        await engine.run(shop(1_500, users=12))
    expected, before = [], Counter[bytes]()
    for record in kept.records["liveprofile.activity", 0]:
        head = decode_heads([record.value or b""], DIMS)[0]
        if head["kind"] == Kind.EVENT:
            if head["action"] == Action.PURCHASE and head["line"] == 0:
                expected.append((record.key, before[record.key]))
            before[record.key] += 1
    assert len(expected) > 20
    assert purchases.seen == expected


def test_a_run_is_cut_only_where_what_is_wanted_has_moved() -> None:
    heads = np.zeros(5, dtype=[("kind", "u1")])
    wanted = np.array([True, True, True, False, True])
    assert list(cuts([b"a", b"b", b"a", b"c", b"d"], heads, wanted)) == [(2, [0, 1]), (5, [2, 4])]
    heads["kind"][3] = Kind.TICK
    assert list(cuts([b"a", b"b", b"a", b"c", b"d"], heads, wanted)) == [(2, [0, 1]), (4, [2]), (5, [4])]


async def test_time_passes_without_events(tmp_path: Path) -> None:
    kept, arrivals = PartitionState(), shop(50)
    hours = (arrivals[-1].time_ms - arrivals[0].time_ms) // 3_600_000
    async with Engine(wiring(tmp_path), output=kept, tick_s=3600.0) as engine:
        await engine.run(arrivals)
        await engine.wait_until(arrivals[-1].time_ms + 10 * 3_600_000)
    heads = decode_heads([value or b"" for value in kept.values("liveprofile.activity")], DIMS)
    assert np.count_nonzero(heads["kind"] == Kind.TICK) == hours + 10


async def test_a_time_beyond_sense_is_none_and_makes_no_ticks(tmp_path: Path) -> None:
    """One record of a file has microseconds among milliseconds; a broker's clock may be as wrong."""
    times = [1_790_000_000_000, 1_790_000_000_123_456, 1_790_000_009_000]
    lines = [orjson.dumps({"topic": "clicks", "user_id": "u", "title": "Vase", "ts": ms}).decode() for ms in times]
    of_lines = list(of_file(read(lines, Skipped())))
    assert [one.time_ms for one in of_lines] == [times[0], times[0], times[2]]
    for arrivals in (
        of_lines,
        [Arrival("clicks", b"", one.value, ms) for one, ms in zip(of_lines, times, strict=True)],
    ):
        kept, _ = await folded(tmp_path, arrivals, batch=2)
        heads = decode_heads([value or b"" for value in kept.values("liveprofile.activity")], DIMS)
        assert heads["kind"].tolist() == [Kind.EVENT, Kind.EVENT]
        assert [orjson.loads(value or b"")["reason"] for value in kept.values("dead-letters")] == ["bad-time"]


async def test_a_gap_of_a_century_has_few_ticks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MOST_TICKS", 100)
    arrivals = [Arrival("clicks", b"", b'{"user_id": "u", "title": "Vase"}', ms) for ms in (EARLIEST_MS, LATEST_MS)]
    kept, _ = await folded(tmp_path, arrivals)
    heads = decode_heads([value or b"" for value in kept.values("liveprofile.activity")], DIMS)
    ticks = heads["event_time_ms"][heads["kind"] == Kind.TICK]
    assert 90 <= len(ticks) <= 100
    assert np.all(np.diff(ticks) == np.diff(ticks)[0]) and ticks[-1] > LATEST_MS - 2 * np.diff(ticks)[0]


def test_batches_and_ticks_have_limits(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="batch=0"):
        Engine(wiring(tmp_path), batch=0)
