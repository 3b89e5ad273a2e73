"""The retail vocabulary: enough of it, and texts that follow from a seed."""

import pytest

from liveprofile.models import corpus


def test_there_are_more_than_forty_topics_with_paths_as_names() -> None:
    assert len(corpus.topics()) >= 40
    assert all("/" in name or name.islower() for name in corpus.topics())


def test_every_topic_has_words_of_every_sort() -> None:
    for topic in corpus.topics().values():
        for words in (topic.kinds, topic.adjectives, topic.materials, topic.brands, topic.uses, topic.asks):
            assert len(words) >= 3, topic.name
        assert all(0 < kind.lowest < kind.highest and kind.units for kind in topic.kinds), topic.name


def test_the_same_seed_gives_the_same_texts_and_another_seed_gives_others() -> None:
    assert corpus.texts(200, 3) == corpus.texts(200, 3)
    assert corpus.texts(200, 3) != corpus.texts(200, 4)


def test_a_longer_draw_begins_like_a_shorter_one() -> None:
    assert corpus.texts(300, 3)[:100] == corpus.texts(100, 3)


def test_most_of_many_texts_are_different() -> None:
    assert len(set(corpus.texts(5_000, 1))) > 4_000


def test_titles_and_queries_speak_of_their_topic() -> None:
    nouns = {kind.noun.lower() for kind in corpus.topics()["sports/cycling"].kinds}
    titles = [title.lower() for title in corpus.sample_titles("sports/cycling", 50, 1)]
    assert all(any(noun in title for noun in nouns) for title in titles)
    assert len(set(corpus.sample_queries("sports/cycling", 50, 1))) > 20


def test_an_unknown_topic_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        corpus.sample_titles("no/such/topic", 1, 1)
