"""F13 and F14: the same events twice, and events out of order, late and ahead of time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Kind, decode_heads, source_code
from liveprofile.profiles.state.row import EVENT_IDS
from liveprofile.streams.clock import now_ms
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.simulator.simulator import Simulator
from tests.faults.post import Letter, post, profile_id, rows_of

if TYPE_CHECKING:
    from random import Random

    from tests.faults.shop import Shop
    from tests.faults.trial import Trial

NEAR, FAR = 20, 2 * EVENT_IDS
"""Records of the same shopper before a repeat: well inside the ring of event ids, and far outside of it."""
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
EXACT = ("events", "orders", "refunds", "spent", "refunded", "first_ms", "seen_ms")
"""Fields that the order must not touch at all."""
DECAYED = ("mass", "by_action", "rate_burst", "rate_short", "hours_mass")
"""Sums with forward decay: equal but for rounding to 24 bits at each step."""
ROUNDING = 1e-3


async def repeated(trial: Trial) -> None:
    """F13: `n` percent of the events come twice, half of them soon and half of them long after."""
    shoppers = max(4, trial.events // 500)
    letters, repeats = _with_repeats(trial, shoppers)
    async with trial.shop() as shop:
        await shop.workers.start()
        await post(shop, letters)
        await shop.drain()
        await trial.check(shop, rebuild=False)
        rows = await rows_of(shop)
    sent = Counter(letter.key for letter in letters)
    wrong = 0
    for number in range(shoppers):
        key = b"u%d" % number
        wrong += int(rows[profile_id(key.decode())]["events"]) != sent[key] - repeats["near", key]
    near, far = (sum(count for (kind, _), count in repeats.items() if kind == which) for which in ("near", "far"))
    counted_twice = trial.notes["applied"] - (len(letters) - near - far)
    trial.notes |= {"near": near, "far": far, "far_counted_twice": counted_twice}
    trial.require(trial.notes["duplicates"] == near, f"{trial.notes['duplicates']} of {near} near repeats were dropped")
    trial.require(wrong == 0, f"{wrong} of {shoppers} shoppers have another number of events than were to be counted")


async def out_of_order(trial: Trial) -> None:
    """F14: shuffled within an hour, 5% up to a week late, 1% a day ahead; against a fold of the same in order."""
    async with trial.shop() as shop:
        await shop.workers.start()
        await post(shop, _disordered(trial.random, trial.seed, trial.events))
        await shop.drain()
        await trial.check(shop, rebuild=False)
        live, ordered = await rows_of(shop), await _in_order(shop)
    assert live.keys() == ordered.keys(), "the fold in order knows other shoppers"
    exact = Counter(name for key in live for name in EXACT if live[key][name] != ordered[key][name])
    off = {name: max(_distance(live[key][name], ordered[key][name]) for key in live) for name in DECAYED}
    trial.notes["largest_difference"] = {name: float(f"{value:.2g}") for name, value in off.items()}
    trial.notes["equal_share"] = _equal_shares(live, ordered)
    trial.notes["long_interest_cosine"] = _cosines(live, ordered)
    trial.require(not exact, f"fields that depend on the order: {dict(exact)}")
    for name, value in off.items():
        trial.require(value < ROUNDING, f"{name} differs by {value:.1%} from the fold in order")


def _with_repeats(trial: Trial, shoppers: int) -> tuple[list[Letter], Counter[tuple[str, bytes]]]:
    """Clicks of some shoppers in turn, and how many repeats of either kind each has."""
    letters: list[Letter] = []
    repeats: Counter[tuple[str, bytes]] = Counter()
    due: dict[bytes, list[tuple[int, str, Letter]]] = defaultdict(list)
    sent: Counter[bytes] = Counter()
    at_ms = now_ms()
    for number in range(trial.events):
        key = b"u%d" % trial.random.randrange(shoppers)
        first = _click(key, number, at_ms)
        letters.append(first)
        sent[key] += 1
        if trial.random.random() * 100 < trial.n:
            far = trial.random.random() < 0.5
            wait = trial.random.randint(FAR, FAR + 60) if far else trial.random.randint(0, NEAR)
            due[key].append((sent[key] + wait, "far" if far else "near", first))
        for entry in [entry for entry in due[key] if entry[0] <= sent[key]]:
            due[key].remove(entry)
            letters.append(entry[2])
            sent[key] += 1
            repeats[entry[1], key] += 1
    return letters, repeats


def _click(key: bytes, number: int, at_ms: int) -> Letter:
    event = {
        "event_id": f"e{number}",
        "user_id": key.decode(),
        "ts": at_ms - 600_000 + number,
        "action": "view",
        "title": f"thing {number % 200}",
        "category": f"shelf/{number % 5}",
    }
    return Letter("clicks", key, orjson.dumps(event))


def _disordered(random: Random, seed: int, count: int) -> Iterator[Letter]:
    """Two days of a shop, sent in the order of arrival, with the times of the events."""
    step = 2 * DAY_MS / count
    began = now_ms() - 2 * DAY_MS
    arrivals = []
    for at, event in enumerate(islice(Simulator(seed, 300).events(), count)):
        time_ms = round(began + at * step)
        kind = random.random()
        if kind < 0.05:
            time_ms -= random.randrange(7 * DAY_MS)
        elif kind < 0.06:
            time_ms += DAY_MS
        arrivals.append((at * step + random.uniform(0, HOUR_MS), at, event, time_ms))
    for _, _, event, time_ms in sorted(arrivals, key=lambda arrival: arrival[:2]):
        yield Letter(event.topic, event.key, event.value(time_ms))


async def _in_order(shop: Shop) -> dict[bytes, Any]:
    """Rows of a fold of the same activities, each partition's in the order of event time."""
    rows: dict[bytes, Any] = {}
    dims = Policy().dims
    for partition in range(shop.topics.partitions):
        log = read_partition(shop.bootstrap, shop.topics.activity, partition)
        records = [record async for records in log for record in records]
        heads = decode_heads([value or b"" for _, value, _ in records], dims)
        events = np.flatnonzero(heads["kind"] == Kind.EVENT)
        events = events[np.lexsort((heads["line"][events], heads["source"][events], heads["event_time_ms"][events]))]
        _, place = np.unique(_places_in_order(heads["source"][events]), return_inverse=True)
        heads["source"][events] = source_code("clicks", 0, 0) + place
        values = [heads[at].tobytes() + (records[at][1] or b"")[heads.itemsize :] for at in events.tolist()]
        fold = Fold(Policy(), shop.model_id, partition)
        fold.apply([records[at][0] for at in events.tolist()], values, range(len(values)))
        rows |= {key: fold.table.row(key) for key in fold.table.keys}
    return rows


def _places_in_order(sources: Any) -> Any:
    """A number for each record that rises where the input record changes: lines of an order stay one record."""
    return np.cumsum(np.concatenate(([0], sources[1:] != sources[:-1])))


def _distance(one: Any, other: Any) -> float:
    """The largest relative difference; below a hundredth of an event nothing is counted."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return float(np.max(np.abs(one - other) / np.maximum(np.maximum(np.abs(one), np.abs(other)), 0.01)))


def _equal_shares(live: dict[bytes, Any], ordered: dict[bytes, Any]) -> dict[str, float]:
    """Of what depends on the order by design: the share of shoppers for whom it is the same all the same."""
    same = Counter(
        name
        for key in live
        for name in (
            "session",
            "session_events",
            "published_spend_band",
            "published_topic",
            "published_brand",
            "recent_s",
            "anomaly_count",
        )
        if np.array_equal(live[key][name], ordered[key][name])
    )
    same["topics"] = sum(set(live[key]["topic"].tolist()) == set(ordered[key]["topic"].tolist()) for key in live)
    spend = sum(_distance(live[key]["spend_recent"], ordered[key]["spend_recent"]) < ROUNDING for key in live)
    return {name: round(count / len(live), 3) for name, count in (same | Counter({"spend_recent": spend})).items()}


def _cosines(live: dict[bytes, Any], ordered: dict[bytes, Any]) -> dict[str, float]:
    """How near the long interests are to those of the fold in order."""
    found = []
    for key in live:
        one, other = (rows[key]["interest"][2].astype(np.float64) for rows in (live, ordered))
        lengths = np.linalg.norm(one) * np.linalg.norm(other)
        if lengths > 0:
            found.append(float(one @ other / lengths))
    return {"median": round(float(np.median(found)), 5), "min": round(min(found), 5)}
