"""The shelf: following the topics gives what building it from all records gives, whatever the order they came in."""

from base64 import b64encode

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveprofile.profiles.items.evidence import evidence
from liveprofile.profiles.items.index import ItemIndex

HALF_LIFE_S = 3_600.0
WORDS = ("oak", "desk", "1/2", "steel", "lamp")


def key(number: int) -> str:
    return f"{number:016x}"


def seen(number: int, look: int) -> bytes:
    """A record of `items`."""
    vector = np.random.default_rng(look).normal(size=8).astype("<f2")
    record = {"item": key(number), "item_id": str(number), "category": None, "price": None, "seen_ms": look}
    title = f"{WORDS[look % 5]} {WORDS[look // 5 % 5]} {number}" if look % 7 else None
    told = {"title": title, "brand": WORDS[look % 3], "vector": b64encode(vector.tobytes()).decode()}
    return orjson.dumps(record | told)


def tied(number: int, time_s: int, others: list[int]) -> bytes:
    """A record of `item-neighbours`."""
    weights = [float(at + 1) for at in range(len(others))]
    record = {"item": key(number), "time_s": time_s, "popularity": float(number), "applied": 0}
    return orjson.dumps(record | {"neighbours": list(map(key, others)), "after": weights, "before": weights[::-1]})


SEEN = st.builds(lambda number, look: ("seen", number, look), st.integers(1, 9), st.integers(0, 60))
TIED = st.builds(
    lambda number, later_s, others: ("tied", number, later_s, others),
    st.integers(1, 9),
    st.integers(0, 9_000),
    st.lists(st.integers(1, 9), unique=True, max_size=4),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(SEEN, TIED), min_size=1, max_size=30), st.lists(st.integers(1, 9), max_size=4))
def test_a_shelf_that_follows_its_topics_is_one_built_anew(records: list[tuple], met: list[int]) -> None:
    profile = {"recent": [{"item": key(one), "action": "view"} for one in met]}
    huber_update, items, neighbours = ItemIndex((), (), HALF_LIFE_S), {}, {}
    time_s = 0
    for kind, number, *rest in records:
        if kind == "seen":
            value = seen(number, *rest)
        else:  # the time of what is known of an item never falls
            time_s += rest[0]
            value = tied(number, time_s, rest[1])
        (items if kind == "seen" else neighbours)[number] = value
        huber_update.take([value] if kind == "seen" else [], [value] if kind == "tied" else [])
        if len(huber_update):
            evidence(profile, huber_update)  # asked in between: nothing that is kept for asking may go stale
    built = ItemIndex(items.values(), neighbours.values(), HALF_LIFE_S)
    assert [one.item for one in huber_update.items] == [one.item for one in built.items]
    if len(built):
        assert evidence(profile, huber_update).values == pytest.approx(evidence(profile, built).values, abs=1e-5)


def test_words_that_few_titles_have_count_more() -> None:
    titles = ["steel lamp", "steel desk", "steel chair", "oak lamp", "steel door"]
    records = [orjson.dumps(orjson.loads(seen(at, 1)) | {"title": title}) for at, title in enumerate(titles, 1)]
    close = ItemIndex(records, (), HALF_LIFE_S).words.closeness([0])[0]
    assert close[0] == pytest.approx(1.0, abs=1e-5)
    assert close[3] > close[1] > 0.0


def test_an_item_that_is_popular_before_it_is_seen_is_popular_once_it_is() -> None:
    index = ItemIndex([seen(1, 1)], [tied(2, 10, [1])], HALF_LIFE_S)
    assert index.popularity.tolist() == [0.0]
    index.take([seen(2, 1)], [])
    assert index.popularity.tolist() == [0.0, 2.0]
    assert index.together(key(2))[0].tolist() == [0]
