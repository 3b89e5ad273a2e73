"""Recommendations: near interests, together with the last items, popular; and each says which."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from click.testing import CliRunner
from support.activities import DIMS, TOPICS, direction

from liveprofile.profiles.items.index import ItemIndex
from liveprofile.profiles.items.ranker import Ranker, Weights
from liveprofile.profiles.items.recommend import recommend
from liveprofile.profiles.output.similar import Likeness
from liveprofile.profiles.state.row import SLOT_DIMS
from liveprofile.streams.cli.main import main

HOUR_S = 3_600.0


def key(item: int) -> str:
    return f"{item:016x}"


def encoded(vector: np.ndarray[Any, Any]) -> str:
    return b64encode(vector.astype("<f2").tobytes()).decode()


def item(number: int, topic: str, *, title: str | None = None) -> bytes:
    """A record of `items`, near a topic's direction."""
    vector = direction(topic) + 0.3 * direction(f"item {number}")
    record = {
        "item": key(number),
        "item_id": f"id-{number}",
        "title": title or f"item {number}",
        "category": topic,
        "brand": None,
        "price": 19.99,
        "seen_ms": 0,
        "vector": encoded(vector / np.linalg.norm(vector)),
    }
    return orjson.dumps(record)


def goes_with(number: int, after: dict[int, float], *, popularity: float = 1.0, time_s: int = 0) -> bytes:
    """A record of `item-neighbours`."""
    others, weights = [key(other) for other in after], list(after.values())
    record = {"item": key(number), "time_s": time_s, "popularity": popularity, "neighbours": others}
    return orjson.dumps(record | {"after": weights, "before": [0.0] * len(weights), "applied": 0})


def slot(topic: str, share: float, number: int = 0) -> dict[str, Any]:
    """A slot of a snapshot."""
    centre = np.rint(direction(topic)[:SLOT_DIMS] * 127).astype(np.int8)
    return {
        "slot": 1,
        "topic": topic,
        "share": share,
        "item": key(number) if number else None,
        "centre": b64encode(centre.tobytes()).decode(),
    }


def index(*neighbours: bytes) -> ItemIndex:
    """Items 1 to 5 of one topic, 6 to 10 of another."""
    items = [item(number, TOPICS[0] if number <= 5 else TOPICS[1]) for number in range(1, 11)]
    return ItemIndex(items, neighbours, HOUR_S)


def ids(profile: dict[str, Any], known: ItemIndex, most: int = 10, **weights: float) -> list[str | None]:
    ranker = Ranker(Weights({name.replace("_", " "): of for name, of in weights.items()})) if weights else None
    return [one.item_id for one in recommend(profile, known, most, ranker)]


def test_items_near_an_interest_come_first_and_say_of_which() -> None:
    found = recommend({"slots": [slot(TOPICS[0], 1.0, number=3)]}, index(), 5)
    assert {one.item_id for one in found} == {f"id-{number}" for number in range(1, 6)}
    because = {one.item_id: one.reason.words for one in found}
    assert because["id-1"] == "because of your interest in item 3"
    assert because["id-3"] == f"because of your interest in {TOPICS[0]}"


def test_all_interests_are_served_the_heavier_one_first() -> None:
    profile = {"slots": [slot(TOPICS[0], 0.7), slot(TOPICS[1], 0.3)]}
    found = recommend(profile, index(), 10)
    assert {one.category for one in found[:5]} == {TOPICS[0]}
    assert {one.category for one in found[5:]} == {TOPICS[1]}
    assert [one.score for one in found] == pytest.approx([sum(one.parts.values()) for one in found], abs=1e-3)


def test_what_goes_with_the_last_items_comes_before_its_like_with_that_reason() -> None:
    profile = {"recent": [{"item": key(1), "action": "view"}]}
    found = recommend(profile, index(goes_with(1, {7: 25.0, 8: 5.0}, popularity=50.0)))
    first, second = [one for one in found if one.category == TOPICS[1]][:2]
    assert (first.item_id, first.reason.kind, first.reason.because) == ("id-7", "together", "item 1")
    assert first.reason.words == "people who met item 1 met it, too"
    assert second.item_id == "id-8"


def test_the_newest_items_have_the_most_say() -> None:
    profile = {"recent": [{"item": key(2), "action": "view"}, {"item": key(1), "action": "view"}]}
    found = ids(profile, index(goes_with(1, {7: 5.0}), goes_with(2, {8: 5.0})))
    assert found.index("id-8") < found.index("id-7") < found.index("id-6")


def test_what_was_bought_is_recommended_only_if_it_is_wanted_again_and_what_was_seen_after_its_like() -> None:
    recent = [{"item": key(1), "action": "purchase"}, {"item": key(2), "action": "view"}]
    profile, known = {"slots": [slot(TOPICS[0], 1.0)], "recent": recent}, index()
    assert ids(profile, known)[:4][-1] == "id-2"
    assert "id-1" not in ids(profile, known)
    assert "id-1" in [one.item_id for one in recommend(profile, known, again=True)]


def test_somebody_new_is_recommended_what_is_popular_now() -> None:
    known = index(goes_with(4, {}, popularity=9.0), goes_with(6, {}, popularity=5.0, time_s=7_200))
    first = recommend({}, known)[0]
    assert (first.item_id, first.reason.words) == ("id-6", f"popular in {TOPICS[1]}")


def test_weights_can_be_chosen() -> None:
    profile = {"slots": [slot(TOPICS[0], 1.0)], "recent": [{"item": key(1), "action": "view"}]}
    known = index(goes_with(1, {7: 1.0}))
    assert ids(profile, known, 1, after=1.0)[0] == "id-7"
    assert ids(profile, known, 1, text_slots=1.0)[0] != "id-7"


def test_items_that_nobody_could_show_are_left_out() -> None:
    known = index(goes_with(99, {1: 5.0}), goes_with(1, {99: 1.0}))
    assert "id-99" not in ids({"recent": [{"item": key(1), "action": "view"}]}, known, 100)
    assert len(ids({}, known, 100)) == 10


def test_vectors_of_two_models_are_refused() -> None:
    other = orjson.loads(item(2, TOPICS[0])) | {"vector": encoded(np.ones(7))}
    with pytest.raises(ValueError, match="different models"):
        ItemIndex([item(1, TOPICS[0]), orjson.dumps(other)], [], HOUR_S)


def person(name: str, long: str, short: str | None = None) -> dict[str, Any]:
    """A snapshot with interests at two scales."""
    vectors = {"dim": DIMS, "long": encoded(direction(long)), "short": encoded(direction(short or long))}
    return {"profile_id": name, "vectors": vectors, "interests": {"long": [{"topic": long}]}}


def test_who_points_the_same_way_is_most_alike() -> None:
    likeness = Likeness(person("a", TOPICS[0]), most=2)
    likeness.take([person("b", TOPICS[1]), person("c", TOPICS[0], TOPICS[1]), person("a", TOPICS[0])])
    likeness.take([person("d", TOPICS[0]), {"profile_id": "e"}])
    assert [(one.profile_id, one.shared) for one in likeness.best] == [("d", [TOPICS[0]]), ("c", [TOPICS[0]])]
    assert likeness.best[0].likeness == pytest.approx(1.0, abs=0.001)


def test_nobody_is_like_somebody_without_interests() -> None:
    with pytest.raises(ValueError, match="no interests yet"):
        Likeness(person("a", TOPICS[0]) | {"vectors": {}})


@pytest.mark.parametrize("text", ["{}", '{"weights": {"horoscope": 1.0}}', "no JSON"])
def test_a_file_that_holds_no_weights_is_refused_before_anything_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.json").write_text(text)
    result = CliRunner().invoke(main, ["recommend", "3f2a91c0", "--weights", str(tmp_path / "mine.json")])
    assert result.exit_code == 2
    assert "has no weights" in result.output
    assert "--save-weights FILE" in result.output
