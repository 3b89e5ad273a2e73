"""Traits are the same whatever the batches, the order, repeats and restarts; price levels come from events alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import DIMS, TOPICS, Log, activity, tick

from liveprofile.profiles.fold.cursor import Cursor
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.records.activity import Action, country_code, digest32, head_dtype
from liveprofile.profiles.traits.attributes import shipped
from liveprofile.profiles.traits.price_levels import MOST, PLACES, PriceLevels, place_of

POLICY = Policy(dims=DIMS).changed({"price.level_min": 5})
SEEDS = st.integers(0, 2**32 - 1)
ATTRIBUTES = [one for one in shipped().attributes.values() if one.values][:10]
COUNTRIES = ("de", "fr", "br", "us", "in")


def act(random: np.random.Generator, at_s: float, offset: int, event_id: str | None = None) -> bytes:
    """Anything that traits are learnt from."""
    action = Action(int(random.choice([0, 0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 14, 15])))
    attribute = ATTRIBUTES[int(random.integers(len(ATTRIBUTES)))]
    about = action in (Action.CORRECT, Action.DECLARE)
    price = round(float(random.lognormal(8, 1)))
    return activity(
        action,
        at_s=at_s,
        topic=str(random.choice(TOPICS)),
        offset=offset,
        event_id=event_id,
        amount=price if random.random() < 0.7 else 0,
        order_total=price if action in (Action.PURCHASE, Action.REFUND) else 0,
        saved=price // 4 if random.random() < 0.3 else 0,
        quantity=int(random.integers(1, 4)),
        stars=int(random.integers(1, 6)) * 10 if action == Action.REVIEW else 0,
        query_specificity=int(random.integers(1, 256)) if action == Action.SEARCH else 0,
        subject=attribute.name if about else None,
        value=digest32(str(random.choice(attribute.values))) if about and random.random() < 0.9 else 0,
        device=int(random.integers(0, 7)),
        network=int(random.integers(0, 7)),
        country=country_code(str(random.choice(COUNTRIES))),
    )


def trait_log(seed: int, count: int = 300, users: int = 5) -> Log:
    """A log of shoppers over some weeks, a tick now and then, some events late."""
    random, clock = np.random.default_rng(seed), 0.0
    keys, values = [], []
    for offset in range(count):
        clock += float(random.choice([30.0, 2_000.0, 90_000.0], p=[0.7, 0.2, 0.1]))
        late = float(random.exponential(40_000.0)) if random.random() < 0.15 else 0.0
        is_tick = random.random() < 0.04
        keys.append(b"\x00tick" if is_tick else b"%032x" % int(random.integers(users)))
        values.append(tick(clock) if is_tick else act(random, clock - late, offset))
    return Log(keys, values)


def state_of(fold: Fold) -> tuple[dict[bytes, bytes], bytes]:
    records, cursor = fold.checkpoint()
    return dict(records), cursor


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, cuts=st.lists(st.integers(1, 299), max_size=20))
def test_batches_do_not_matter(seed: int, cuts: list[int]) -> None:
    log, whole, parts = trait_log(seed), Fold(POLICY), Fold(POLICY)
    published = whole.apply(log.keys, log.values, range(len(log))).changes
    again = []
    for low, high in zip(places := sorted({0, *cuts, len(log)}), places[1:], strict=False):
        again += parts.apply(log.keys[low:high], log.values[low:high], range(low, high)).changes
    assert state_of(whole) == state_of(parts)
    assert [fact.payload for fact in published] == [fact.payload for fact in again]


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, cut=st.integers(1, 299), cut_short=st.integers(1, 299))
def test_a_restart_from_an_older_cursor_gives_the_same_bytes(seed: int, cut: int, cut_short: int) -> None:
    """Profiles of a checkpoint that was cut short are ahead of the cursor: levels are counted again, profiles wait."""
    first, second = sorted((cut, cut_short))
    log, steady, crashed = trait_log(seed), Fold(POLICY), Fold(POLICY)
    steady.apply(log.keys, log.values, range(len(log)))
    crashed.apply(log.keys[:first], log.values[:first], range(first))
    records, cursor = crashed.checkpoint()
    crashed.apply(log.keys[first:second], log.values[first:second], range(first, second))
    ahead, _ = crashed.checkpoint()
    started = Fold(POLICY)
    started.restore([*records, *ahead, (b"\x00cursor", cursor)])
    assert started.cursor.applied_through == first - 1
    started.apply(log.keys, log.values, range(len(log)))
    assert [steady.table.row(key).tobytes() for key in sorted(steady.table.keys)] == [
        started.table.row(key).tobytes() for key in sorted(steady.table.keys)
    ]
    assert steady.cursor.encode() == started.cursor.encode()


ORDERLESS = ("specificity", "sentiment", "paid", "saved", "offers", "failed", "price")


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_order_does_not_matter_to_decayed_traits_nor_to_what_is_declared(seed: int) -> None:
    random = np.random.default_rng(seed)
    times = np.unique(random.uniform(0, 20 * 86400, 80).round()).tolist()
    rows = []
    for order in (range(len(times)), random.permutation(len(times)).tolist()):
        fold = Fold(POLICY)
        records = [act(np.random.default_rng([seed, at]), times[at], place) for place, at in enumerate(order)]
        fold.apply([b"u"] * len(records), records, range(len(records)))
        rows.append(fold.table.row(b"u"))
    for name in ORDERLESS:
        np.testing.assert_allclose(rows[0][name], rows[1][name], rtol=2e-4, atol=1e-4, err_msg=name)
    assert statements(rows[0]) == statements(rows[1])
    for name in ("device", "network", "country"):
        seen = [dict(zip(row[name].tolist(), row[f"{name}_s"].tolist(), strict=True)) for row in rows]
        assert seen[0] == seen[1], name


def statements(row: np.void) -> set[tuple[int, ...]]:
    """All that was said, and when. How it was said is left out: a correction lasts only from when it is known."""
    return {
        (*map(int, published), int(since)) for published, since in zip(row["declared"], row["declared_s"], strict=True)
    }


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_what_a_client_sends_twice_counts_once(seed: int) -> None:
    random = np.random.default_rng(seed)
    once = [act(np.random.default_rng([seed, at]), 60.0 * at, at, f"e{at}") for at in range(30)]
    again = int(random.integers(1, 20))
    repeat = act(np.random.default_rng([seed, 29 - again]), 60.0 * (29 - again), 500, f"e{29 - again}")
    fold = Fold(POLICY)
    fold.apply([b"u"] * 30, once, range(30))
    before = fold.table.row(b"u").tobytes()
    assert fold.apply([b"u"], [repeat], [30]).duplicates == 1
    assert fold.table.row(b"u").tobytes() == before


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, cut=st.integers(5, 55))
def test_two_halves_of_a_history_decayed_to_one_moment_add_up_to_the_whole(seed: int, cut: int) -> None:
    random = np.random.default_rng(seed)
    acts = [act(random, at * 7_000.0, at) for at in range(60)]
    rows = []
    for part in (acts, acts[:cut], acts[cut:]):
        fold = Fold(POLICY)
        fold.apply([b"u"] * len(part), part, range(len(part)))
        rows.append(fold.table.row(b"u"))
    whole, early, late = rows
    left = remaining(int(late["seen_ms"]) - int(early["seen_ms"]), POLICY.decay.half_life_s["long"])
    for name in ("specificity_mass", "sentiment_mass", "paid", "saved", "offers"):
        np.testing.assert_allclose(early[name] * left + late[name], whole[name], rtol=1e-3, atol=1e-4, err_msg=name)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, categories=st.sampled_from([3, 400, 1_500]))
def test_price_levels_are_found_again_bounded_and_survive_their_state(seed: int, categories: int) -> None:
    random = np.random.default_rng(seed)
    heads = np.zeros(4_000, head_dtype(DIMS))
    heads["category"] = random.integers(1, 2**32, categories, dtype=np.uint32)[random.integers(categories, size=4_000)]
    heads["amount"] = random.lognormal(8, 1, 4_000).astype(np.int64) + 1
    levels = PriceLevels()
    levels.count(heads[:1_000])
    levels.count(heads[1_000:])
    levels.refresh(3)
    used = levels.table["category"] != 0
    first = dict.fromkeys(heads["category"].tolist())
    assert set(levels.table["category"][used].tolist()) == set(list(first)[:MOST])
    assert used.sum() < PLACES
    counted = {category: int((heads["category"] == category).sum()) for category in list(first)[:MOST][:50]}
    for category, count in counted.items():
        assert levels.table[place_of(levels.table, category)]["count"] == count
    restored = PriceLevels.from_state(levels.to_state())
    for category in counted:
        assert (
            restored.table[place_of(restored.table, category)].tobytes()
            == levels.table[place_of(levels.table, category)].tobytes()
        )
    assert restored.to_state() == levels.to_state()


def test_a_level_is_near_the_median_whatever_a_few_wild_prices_say() -> None:
    heads = np.zeros(500, head_dtype(DIMS))
    heads["category"] = 7
    heads["amount"] = np.random.default_rng(4).lognormal(np.log(5_000), 0.4, 500)
    heads["amount"][::25] = 10**9
    levels = PriceLevels()
    levels.count(heads)
    levels.refresh(20)
    level = levels.table[place_of(levels.table, 7)]
    assert level["level"] == pytest.approx(np.log2(np.median(heads["amount"])), abs=0.3)
    assert 0.4 < level["width"] < 1.0


def test_a_cursor_keeps_the_price_levels() -> None:
    cursor = Cursor()
    heads = np.zeros(30, head_dtype(DIMS))
    heads["category"], heads["amount"] = 9, 1_000
    cursor.price_levels.count(heads)
    assert Cursor.decode(cursor.encode()).encode() == cursor.encode()
