"""One recommendation, against the nearest neighbours of one vector among the same items, from scikit-learn.

Items, titles, ties and profiles are drawn, as many as the public next-item table has, and ten times as many.
"""

import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
from sklearn.neighbors import NearestNeighbors

from liveprofile.profiles.items.evidence import evidence
from liveprofile.profiles.items.graph import NEIGHBOURS
from liveprofile.profiles.items.index import ItemIndex
from liveprofile.profiles.items.ranker import Ranker
from liveprofile.profiles.items.recommend import recommend
from liveprofile.profiles.state.row import RECENT, SLOT_DIMS

ITEMS, DIMS, VOCABULARY, TITLE_WORDS, SLOTS, ROUNDS = 3_686, 128, 8_000, 12, 4, 200
HALF_LIFE_S = 30 * 86_400.0

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Processor milliseconds of a recommendation, of its lesson, of a record that the shelf follows."""
    figures: dict[str, Any] = {}
    for items in (ITEMS, 10 * ITEMS):
        one = _measure(items)
        progress(f"{items:,} items: {one['recommend_ms']} ms, nearest neighbours {one['neighbours_ms']} ms")
        figures |= {f"{items}_items_{name}": value for name, value in one.items()}
    return figures


def _measure(items: int) -> dict[str, float]:
    draws = np.random.default_rng(1)
    index = ItemIndex(
        [_item(at, draws) for at in range(items)], [_ties(at, items, draws) for at in range(items)], HALF_LIFE_S
    )
    profiles = [_profile(items, draws) for _ in range(20)]
    known = evidence(profiles[0], index)
    neighbours = NearestNeighbors(n_neighbors=10, metric="cosine", algorithm="brute").fit(index.vectors)
    ranker, changed = Ranker(), [_ties(at, items, draws) for at in range(20)]
    recommended = _ms(lambda at: recommend(profiles[at], index))
    nearest = _ms(lambda at: neighbours.kneighbors(index.vectors[at : at + 1]))
    return {
        "recommend_ms": recommended,
        "neighbours_ms": nearest,
        "ratio": round(recommended / nearest, 1),
        "lesson_ms": _ms(lambda at: ranker.learn(known.values, at)),
        "follow_ms": _ms(lambda at: index.take((), changed[at : at + 1])),
    }


def _ms(work: Callable[[int], object]) -> float:
    """Processor milliseconds of one call."""
    work(0)
    began = time.process_time()
    for at in range(ROUNDS):
        work(at % 20)
    return round(1000 * (time.process_time() - began) / ROUNDS, 3)


def _item(number: int, draws: np.random.Generator) -> bytes:
    """A record of `items`; words are drawn by Zipf's law."""
    title = " ".join(f"word{word}" for word in np.minimum(draws.zipf(1.3, TITLE_WORDS), VOCABULARY))
    vector = b64encode(draws.normal(size=DIMS).astype("<f2").tobytes()).decode()
    record = {"item": _key(number), "item_id": str(number), "title": title, "category": f"c{number % 50}"}
    return orjson.dumps(record | {"brand": f"b{number % 300}", "price": 9.9, "seen_ms": 0, "vector": vector})


def _ties(number: int, items: int, draws: np.random.Generator) -> bytes:
    """A record of `item-neighbours` with all its places taken."""
    record = {"item": _key(number), "time_s": 1_000, "popularity": 5.0 * number % 97, "applied": 0}
    after, before = draws.random((2, NEIGHBOURS)).tolist()
    others = [_key(int(other)) for other in draws.choice(items, NEIGHBOURS, replace=False)]
    return orjson.dumps(record | {"neighbours": others, "after": after, "before": before})


def _profile(items: int, draws: np.random.Generator) -> dict[str, Any]:
    """What matters of a decoded snapshot."""
    recent = [{"item": _key(int(item)), "action": "purchase"} for item in draws.choice(items, RECENT)]
    centres = draws.integers(-127, 128, (SLOTS, SLOT_DIMS)).astype(np.int8)
    slots = [
        {"centre": b64encode(one.tobytes()).decode(), "share": 0.25, "item": None, "topic": "a"} for one in centres
    ]
    return {"recent": recent, "slots": slots}


def _key(number: int) -> str:
    return f"{number + 1:016x}"
