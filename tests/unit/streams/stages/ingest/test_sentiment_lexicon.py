"""The lexicon score of a review: words of praise and blame, counted."""

import pytest

from liveprofile.streams.stages.ingest.sentiment_lexicon import EVEN, lexicon_score


@pytest.mark.parametrize(
    ("praise", "blame"),
    [
        ("love it, works perfectly", "hate it, broke at once"),
        ("great", "not great"),
        ("it did not break and is not cheap", "it is cheap and it broke"),
        ("excellent excellent", "excellent but useless"),
    ],
)
def test_praise_has_a_higher_tone_than_blame(praise: str, blame: str) -> None:
    assert lexicon_score(praise) > lexicon_score(blame)


@pytest.mark.parametrize("text", ["", "a knife for the kitchen", "good and bad", "厨房用的刀", "好看但是坏了"])
def test_what_says_neither_or_both_alike_is_even(text: str) -> None:
    assert lexicon_score(text) == EVEN


def test_a_tone_fits_into_a_byte_and_is_never_none() -> None:
    assert lexicon_score("great " * 5_000) == 255
    assert lexicon_score("bad " * 5_000) == 1


def test_a_denial_far_before_a_word_does_not_turn_it() -> None:
    assert lexicon_score("no box came with this great knife") > EVEN > lexicon_score("no great knife")


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("it was not good and broke", "bad and broke"),
        ("not good, great price", "bad great"),
        ("never a problem. broke at once", "great broke"),
        ("not good but great", "bad great"),
        ("not bad great", "great great"),
        ("no good but no problem", "bad great"),
    ],
)
def test_a_denial_turns_one_word_and_ends_with_its_part_of_the_sentence(text: str, like: str) -> None:
    assert lexicon_score(text) == lexicon_score(like)


def test_apostrophes_of_both_kinds_deny() -> None:
    assert lexicon_score("doesn't work well") == lexicon_score("doesn\N{RIGHT SINGLE QUOTATION MARK}t work well") < EVEN
