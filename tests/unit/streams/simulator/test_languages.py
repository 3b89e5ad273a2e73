"""Simulated shops in other languages: their texts are of the language, and the English shop stays what it was."""

import re
from itertools import islice
from typing import Any

import orjson
import pytest

from liveprofile.models.corpus import LANGUAGES
from liveprofile.streams.contract.refusals import Refusal
from liveprofile.streams.simulator.catalogue import build_catalogue
from liveprofile.streams.simulator.shop_words import words_of
from liveprofile.streams.simulator.simulator import Simulator
from liveprofile.streams.stages.ingest.validate import validate

HAN = re.compile("[\u4e00-\u9fff]")


def records_of(language: str, most: int = 20_000) -> list[tuple[str, dict[str, Any]]]:
    shop = Simulator(7, 300, user_events_per_s=0.005, catalogue=build_catalogue(7, language=language))
    return [(event.topic, orjson.loads(event.value(None))) for event in islice(shop.events(), most)]


def test_titles_queries_and_reviews_of_a_chinese_shop_are_chinese_with_prices_in_yuan() -> None:
    records = records_of("zh")
    reviews = [one["text"] for topic, one in records if topic == "reviews" and "text" in one]
    queries = [one["query"] for topic, one in records if topic == "searches"]
    assert len(reviews) > 20 and all(HAN.search(one) and " " not in one for one in reviews)
    assert sum(bool(HAN.search(one)) for one in queries) > 0.97 * len(queries)
    titles = {one["title"] for _, one in records if "title" in one}
    assert len(titles) > 300 and sum(bool(HAN.search(one)) for one in titles) == len(titles)
    assert {one["currency"] for _, one in records if "currency" in one} == {"CNY"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_vocabulary_has_a_shop_with_reviews_of_all_stars(language: str) -> None:
    words = words_of(language)
    assert set(words.openings) == set(words.details) == {1, 2, 3, 4, 5}
    assert all(words.openings.values()) and all(words.details.values()) and words.locales
    assert build_catalogue(3, 4, language).products == build_catalogue(3, 4, language).products


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_stray_query_holds_of_a_person_is_scrubbed(language: str) -> None:
    from liveprofile.streams.contract.scrub import scrub

    for query in words_of(language).stray_queries:
        written = query.format(name="u-000007", digits=123)
        assert scrub(written) != written and "[" in scrub(written), written


def test_an_unknown_language_is_refused() -> None:
    for wrong in ("xx", "../en"):
        with pytest.raises(KeyError):
            build_catalogue(7, language=wrong)


def test_ingest_takes_the_records_of_a_chinese_shop() -> None:
    shop = Simulator(7, 50, user_events_per_s=0.005, catalogue=build_catalogue(7, language="zh"))
    refused = [
        event for event in islice(shop.events(), 500) if isinstance(validate(event.topic, event.value()), Refusal)
    ]
    assert refused == []
