"""Which reviews are training examples, and what is in one."""

from typing import Any

import numpy as np
from support.activities import DIMS

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.fold.result import Ordinals
from liveprofile.profiles.fold.training_examples import VECTOR_ONE, reviews
from liveprofile.profiles.records.activity import Action, head_dtype
from liveprofile.profiles.records.training_example import decode


def heads(*fields: dict[str, Any]) -> Any:
    made = np.zeros(len(fields), head_dtype(DIMS))
    for at, one in enumerate(fields):
        made["action"][at], made["stars"][at] = one.get("action", Action.REVIEW), one.get("stars", 40)
        made["vector"][at] = one.get("vector", 5)
        made["review_tone"][at], made["event_time_ms"][at] = one.get("tone", 128), 1_000 + at
    return made


def found(*fields: dict[str, Any]) -> list[Any]:
    keys = [b"%032d" % at for at in range(len(fields))]
    places = np.arange(len(fields), dtype=np.int64) + 70
    return [decode(*one) for one in reviews(keys, heads(*fields), places, 3, Ordinals())]


def test_a_review_with_stars_and_words_is_an_example_with_its_place_and_time() -> None:
    (one,) = found({"stars": 40, "tone": 255})
    assert (one.kind, one.partition, one.offset, one.ordinal, one.time_ms) == (ExampleKind.REVIEW, 3, 70, 0, 1_000)
    assert one.row["stars"] == 40 and one.row["vector"].tolist() == [5] * DIMS + [VECTOR_ONE]


def test_the_tone_is_behind_the_vector_from_all_blame_to_all_praise() -> None:
    tones = [one.row["vector"][DIMS] for one in found({"tone": 1}, {"tone": 128}, {"tone": 255}, {"tone": 0})]
    assert tones == [-VECTOR_ONE, 0, VECTOR_ONE, 0]


def test_reviews_without_stars_or_without_words_and_other_acts_are_none() -> None:
    assert found({"stars": 0}, {"vector": 0}, {"action": Action.VIEW}) == []
    taken = found({"stars": 0}, {"stars": 10}, {"action": Action.VIEW}, {"stars": 50}, {"vector": 0})
    assert [(one.offset, int(one.row["stars"])) for one in taken] == [(71, 10), (73, 50)]
