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


@pytest.mark.parametrize(
    ("language", "praise", "blame"),
    [
        ("de", "sehr gut, ich bin zufrieden", "nicht gut, kaputt angekommen"),
        ("de", "kein problem, tolle qualität", "ein problem, miese qualität"),
        ("zh", "质量很好,物流快,值得购买", "质量太差,坏了,后悔"),
        ("zh", "没有问题,很满意", "有问题,不满意"),
        ("en", "很好用", "很难用"),
        ("zh", "great 手感不错", "broken 手感很差"),
    ],
)
def test_each_language_has_words_of_its_own(language: str, praise: str, blame: str) -> None:
    assert lexicon_score(praise, language) > EVEN > lexicon_score(blame, language)


def test_a_shop_s_language_judges_latin_letters_and_chinese_is_known_by_its_script() -> None:
    assert lexicon_score("hell") == lexicon_score("hell", "de") == EVEN
    assert lexicon_score("gut") == EVEN < lexicon_score("gut", "de")
    assert lexicon_score("很好") == lexicon_score("很好", "de") > EVEN
