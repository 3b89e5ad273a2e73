"""How exactly a query says what is wanted: more exact never counts for less."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from liveprofile.streams.stages.ingest.queries import MOST, specificity

WORDS = st.lists(st.sampled_from(["red", "vase", "kitchen", "chair"]), min_size=1, max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("broad", "exact"),
    [
        ("vase", "red vase"),
        ("drill", "drill 12v"),
        ("drill 12", "drill gsr12v"),
        ("red vase", '"red vase"'),
        ("花瓶", "红色陶瓷花瓶"),
    ],
)
def test_of_two_queries_the_more_exact_one_counts_for_more(broad: str, exact: str):
    assert 1 <= specificity(broad) < specificity(exact) <= MOST


@given(WORDS, st.floats(), st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=3))
def test_it_is_bounded_whatever_is_sent_and_results_and_filters_never_lower_it(query, results, filters):
    assert 1 <= specificity(query) <= specificity(query, results, filters) <= MOST


@given(WORDS)
def test_fewer_results_and_another_word_never_lower_it(query):
    assert specificity(query, 500) <= specificity(query, 50) <= specificity(query, 5)
    assert specificity(query) <= specificity(query + " big")


def test_filters_count_up_to_a_limit_and_empty_ones_not_at_all():
    assert specificity("vase", filters={"colour": None, "new": False, "size": []}) == 1
    assert specificity("vase", filters=["a", "b", "c"]) == specificity("vase", filters=["a"] * 50)


@given(st.text(min_size=1, max_size=200))
def test_any_text_has_one(query):
    assert 1 <= specificity(query) <= MOST


@pytest.mark.parametrize(
    ("query", "results", "filters", "expected"),
    [
        ("vase", None, None, 1),
        ("red vase", None, None, 26),
        ("big red vase", None, None, 52),
        ("one two three four five", None, None, 103),
        ("one two three four five six", None, None, 103),
        ("vase", 0, None, 39),
        ("vase", 10, None, 39),
        ("vase", 11, None, 21),
        ("vase", 100, None, 21),
        ("vase", 101, None, 1),
        ("vase", -1, None, 1),
        ("vase", None, ["red"], 14),
        ("vase", None, ["red", "new", "big"], 39),
        ("vase", None, ["red", "new", "big", "old"], 39),
        ("vase 9", None, None, 52),
        ('"vase"', None, None, 52),
        ("赤い花瓶", None, None, 26),
        ("赤い花瓶赤い", None, None, 52),
    ],
)
def test_each_sign_has_its_weight_and_its_limit(query: str, results: int | None, filters: Any, expected: int) -> None:
    assert specificity(query, results, filters) == expected


@pytest.mark.parametrize(
    ("language", "size", "number"),
    [
        ("zh", "玻璃花瓶28cm", "博世电钻gsr12v-35"),
        ("zh", "2026新款连衣裙", "1512g电机调节器xk900"),
        ("de", "topf 28cm", "bohrer gsr12v-35"),
        ("de", "kalender 2026", "bohrer 4711"),
    ],
)
def test_sizes_and_years_are_no_product_numbers_where_a_language_has_a_rule(language: str, size: str, number: str):
    vague, exact = (specificity(query, language=language) for query in (size, number))
    assert vague < exact
    assert specificity(size, language=language) < specificity(size + " gsr12v-35", language=language)
