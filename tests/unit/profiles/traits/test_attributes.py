"""The vocabulary of declarations is closed, bounded, and comes back from digests."""

from typing import get_args

import pytest

from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.records.vocabulary import PartOfDay
from liveprofile.profiles.state.row import PATHS
from liveprofile.profiles.traits.attributes import Attribute, parse, shipped

VOCABULARY = shipped()
FINITE = [attribute for attribute in VOCABULARY.attributes.values() if attribute.values]


@pytest.mark.parametrize("attribute", FINITE, ids=lambda one: one.name)
def test_every_value_is_its_own_spelling_and_comes_back_from_its_digest(attribute: Attribute):
    for value in attribute.values:
        assert attribute.value(value) == attribute.value(f" {value.upper()} ") == value
        assert VOCABULARY.value_of(digest32(attribute.name), digest32(value)) == value


@pytest.mark.parametrize("attribute", FINITE, ids=lambda one: one.name)
@pytest.mark.parametrize("said", ["<script>", "", float("nan"), float("inf"), -1, 1e300, 2.5e15])
def test_what_is_no_value_is_refused_in_words_that_name_the_allowed_ones(attribute: Attribute, said):
    with pytest.raises(ValueError, match=f"^{attribute.name} must be") as refused:
        attribute.value(said)
    assert attribute.values[0] in str(refused.value) and "script" not in str(refused.value)


def test_digests_of_names_do_not_meet():
    assert len({digest32(name) for name in VOCABULARY.attributes}) == len(VOCABULARY.attributes)
    assert {VOCABULARY.name_of(digest32(name)) for name in VOCABULARY.attributes} == set(VOCABULARY.attributes)
    assert VOCABULARY.name_of(1) is None


def test_a_number_falls_into_its_band():
    income = VOCABULARY.attributes["income_band"]
    assert [income.value(number) for number in (0, 14_999.99, 15_000, "250000")] == [
        "under 15000",
        "under 15000",
        "15000-24999",
        "250000+",
    ]


def test_names_and_values_are_lower_case_as_their_digests_are():
    for attribute in VOCABULARY.attributes.values():
        assert [attribute.name, *attribute.values] == [attribute.name.lower(), *map(str.lower, attribute.values)]


def test_what_stands_beside_an_attribute_is_a_path_that_is_said():
    beside = {attribute.beside for attribute in VOCABULARY.attributes.values() if attribute.beside}
    assert beside <= set(PATHS)
    assert set(VOCABULARY.attributes["daypart"].values) == set(get_args(PartOfDay))


def test_traits_that_are_protected_have_no_inferred_counterpart():
    assert {name for name, attribute in VOCABULARY.attributes.items() if attribute.protected} == {
        "age_band",
        "gender",
        "income_band",
    }
    assert not any(attribute.protected and attribute.beside for attribute in VOCABULARY.attributes.values())


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('kind = "guess"', "kind must be one of"),
        ('kind = "choice"', "needs its values"),
        ('kind = "band"\nedges = [5, 3]', "ascend"),
        ('kind = "category"\nvalues = ["a"]', "needs its values"),
        ('kind = "number"\nlowest = 0\nhighest = 5000', "Use bands"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(entry: str, words: str):
    with pytest.raises(ValueError, match=words):
        parse(f'version = 1\n[[attribute]]\nname = "a"\nlabel = "A"\n{entry}')
