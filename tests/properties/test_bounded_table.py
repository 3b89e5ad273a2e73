"""A fold that keeps few profiles in memory gives the same bytes and facts as one that keeps all."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import DIMS, NOON_MS, Log, activity, adoption, random_log, tick
from support.rules import rule_text

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import decode_heads
from liveprofile.profiles.state.codec import encode_profiles

POLICY = Policy(dims=DIMS)
SEEDS = st.integers(0, 2**32 - 1)


class MemoryStore(dict[bytes, bytes]):
    """A cold store that is a dict, and counts what it is asked."""

    calls = 0

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        self.calls += 1
        return [self.get(key) for key in keys]


class Bounded:
    """A fold over a dict, with a checkpoint after every batch that is told to have one."""

    def __init__(self, limit: int) -> None:
        self.store = MemoryStore()
        self.fold = Fold(POLICY, capacity=2, store=self.store)
        self.limit = limit
        self.written: list[tuple[bytes, bytes]] = []

    def apply(self, log: Log, low: int, high: int) -> FoldResult:
        return self.fold.apply(log.keys[low:high], log.values[low:high], range(low, high))

    def begin_checkpoint(self) -> None:
        """Take what is to be written; more may be folded until it is durable."""
        records, cursor = self.fold.checkpoint()
        self.written = [*records, (b"\x00cursor", cursor)]

    def end_checkpoint(self) -> None:
        """It is durable."""
        self.store.update(self.written)
        self.fold.evict(self.limit)

    def restarted(self) -> "Bounded":
        """Another one that knows only what is in the store."""
        again = Bounded(self.limit)
        again.store.update(self.store)
        again.fold.recall(list(self.store.items()), self.limit)
        return again

    def profiles(self) -> dict[bytes, bytes]:
        return {key: value for key, value in self.store.items() if not key.startswith(b"\x00")}


def facts(outcomes: Sequence[FoldResult]) -> dict[str, bytes]:
    return {one.record.fact_id: one.payload for each in outcomes for one in [*each.changes, *each.anomalies]}


def bursting_log(seed: int) -> Log:
    """Shoppers, some of whom click in bursts that open anomalies, and ticks that close them."""
    random, log = np.random.default_rng(seed), random_log(seed, count=250, users=9)
    keys, values = list(log.keys), list(log.values)
    for burst in range(3):
        user, start = b"%032x" % int(random.integers(9)), 9_000.0 * (burst + 1)
        for at in range(60):
            keys.append(user)
            values.append(activity(at_s=start + at * 0.5, offset=len(keys)))
        keys += [b"%032x" % int(random.integers(9)), b"\x00tick"]
        values += [activity(at_s=start + 60, offset=len(keys) - 1), tick(start + 4_000)]
    return Log(keys, values)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, limit=st.integers(0, 6), cuts=st.sets(st.integers(1, 430), min_size=10, max_size=40), data=st.data())
def test_the_same_log_gives_the_same_bytes_and_facts_whatever_the_capacity(
    seed: int, limit: int, cuts: set[int], data: st.DataObject
) -> None:
    log, whole, bounded = bursting_log(seed), Fold(POLICY), Bounded(limit)
    alone = whole.apply(log.keys, log.values, range(len(log)))
    assert any(fact.cause.startswith("activity/") for fact in alone.anomalies), "no tick found an open anomaly"
    published: list[FoldResult] = []
    for low, high in pairwise(sorted({0, len(log), *(cut for cut in cuts if cut < len(log))})):
        under_way = data.draw(st.booleans())
        if under_way:
            bounded.begin_checkpoint()
        published.append(bounded.apply(log, low, high))
        if under_way:
            bounded.end_checkpoint()
        elif data.draw(st.booleans()):
            bounded.begin_checkpoint()
            bounded.end_checkpoint()
            bounded = bounded.restarted() if data.draw(st.booleans()) else bounded
    bounded.begin_checkpoint()
    bounded.end_checkpoint()
    assert facts(published) == facts([alone])
    assert bounded.fold.cursor.encode() == whole.cursor.encode()
    places = whole.table.places(keys := whole.table.keys)
    values = encode_profiles(whole.table.rows[places], whole.table.ledgers.read(places), DIMS)
    rows = dict(zip(keys, values, strict=True))
    assert bounded.profiles() == rows


@pytest.mark.parametrize("restart", [False, True])
def test_a_tick_finds_an_open_anomaly_where_memory_has_no_room_at_all(restart: bool) -> None:
    log, bounded = bursting_log(seed=0), Bounded(limit=0)
    raised = bounded.apply(log, 0, 311).anomalies
    bounded.begin_checkpoint()
    bounded.end_checkpoint()
    assert [fact.record.state for fact in raised] == ["raised"] and len(bounded.fold.table) == 0
    bounded = bounded.restarted() if restart else bounded
    assert [fact.record.state for fact in bounded.apply(log, 311, 312).anomalies] == ["cleared"]
    bounded.begin_checkpoint()
    bounded.end_checkpoint()
    assert len(bounded.fold.table) == 0


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, limit=st.integers(0, 6), restart=st.booleans())
def test_new_rules_reach_profiles_that_are_not_in_memory(seed: int, limit: int, restart: bool) -> None:
    """Their facts are those of a fold that keeps all: told at the next tick, as of the adoption."""
    log, whole, bounded = random_log(seed, count=150, ticks=False), Fold(POLICY), Bounded(limit)
    end = log_end(log)
    record = {"what": "rules", "toml": rule_text("recent.views >= 2", "quiet.days >= 1", version=2)}
    after = [adoption(end + 10, record), *(tick(end + 60 + at) for at in (0, 5, 90_000, 200_000))]
    log = Log([*log.keys, *[b"\x00control"] * len(after)], [*log.values, *after])
    alone = whole.apply(log.keys, log.values, range(len(log)))
    published = []
    for low, high in pairwise([0, 70, 150, 151, 152, len(log)]):
        published.append(bounded.apply(log, low, high))
        bounded.begin_checkpoint()
        bounded.end_checkpoint()
        bounded = bounded.restarted() if restart else bounded
    assert facts(published) == facts([alone])
    assert any(change.path == "segments" for fact in alone.changes[-5:] for change in fact.record.changes)


def log_end(log: Log) -> float:
    """Seconds after noon of the newest activity."""
    return (int(decode_heads(log.values, DIMS)["event_time_ms"].max()) - NOON_MS) / 1000
