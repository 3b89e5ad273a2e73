"""Logs of activities and ticks over months, and the fold of them."""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from liveprofile.profiles.facts.facts import Fact
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.records.activity import Action
from support.activities import TOPICS, activity, tick
from support.folding import POLICY

SEEDS = st.integers(0, 2**32 - 1)
DAY_S = 86_400.0
END_S = 3000 * DAY_S
ACTIONS = (Action.VIEW, Action.VIEW, Action.CART, Action.SEARCH, Action.FAVOURITE, Action.PURCHASE, Action.REFUND)

ChangeRecord = tuple[float, bytes, bytes]
"""Seconds, key and record."""


def shoppers(seed: int, count: int = 60, users: int = 3) -> list[ChangeRecord]:
    """Activities in the order of time, with pauses from seconds to months."""
    random, at, found = np.random.default_rng(seed), 0.0, []
    for offset in range(count):
        at += float(random.choice([5.0, 60.0, 3600.0, DAY_S, 20 * DAY_S])) * float(random.exponential())
        action = ACTIONS[int(random.integers(len(ACTIONS)))]
        order = action in (Action.PURCHASE, Action.REFUND)
        record = activity(
            action,
            at_s=at,
            topic=TOPICS[int(random.integers(3))],
            offset=offset,
            total=round(float(random.lognormal(4.0, 1.5)), 2) if order else 0.0,
            source=("purchases" if order else "clicks", 0),
        )
        found.append((at, b"%032x" % int(random.integers(users)), record))
    return found


def with_ticks(moments: list[ChangeRecord], seed: int, count: int) -> list[ChangeRecord]:
    """The same with `count` ticks in between, one with the last activity, and one long after."""
    times = np.random.default_rng([seed, 1]).uniform(0.0, moments[-1][0] * 1.5, count).tolist()
    ticks = [(at, b"\x00tick", tick(at)) for at in [*times, moments[-1][0], END_S]]
    return sorted([*moments, *ticks], key=lambda one: one[0])


def fold_all(
    moments: list[ChangeRecord], cuts: list[int] | None = None, detections: int = 4096
) -> tuple[Fold, dict[str, bytes]]:
    """The fold of a log, and its facts by id."""
    fold = Fold(POLICY, detections=detections)
    published: dict[str, bytes] = {}
    places = sorted({0, *(cut for cut in cuts or [] if cut < len(moments)), len(moments)})
    for low, high in pairwise(places):
        part = moments[low:high]
        keep(published, fold.apply([key for _, key, _ in part], [value for *_, value in part], range(low, high)))
    return fold, published


def keep(published: dict[str, bytes], result: FoldResult) -> None:
    """Note the facts, without what they were made with."""
    facts: list[Fact[Any]] = [*result.changes, *result.anomalies]
    for fact in facts:
        assert published.setdefault(fact.record.fact_id, fact.payload) == fact.payload


def state_of(fold: Fold) -> dict[bytes, bytes]:
    """All rows, without the offsets, which ticks move."""
    rows = {key: fold.table.row(key).copy() for key in fold.table.keys}
    for row in rows.values():
        row["applied"] = 0
    return {key: row.tobytes() for key, row in rows.items()}
