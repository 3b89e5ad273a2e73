"""Retail topics with their vocabularies, and the titles and search queries that are composed from them, by language.

The vocabularies lie in `languages/` and were written for this project. Everything drawn from them is a function of a
seed: the same seed gives the same texts on any machine.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from string import Formatter
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).with_name("languages")
LANGUAGES = tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))
"""The languages with a vocabulary, by ISO 639-1."""
ENGLISH = "en"

QUERY_SHARE = 0.45
"""The share of search queries among `texts`; the rest are titles."""
SLIP_SHARE = 0.03
"""The share of queries with a typing error."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of product: its noun, its price range in whole currency units, the sizes or packs that it comes in."""

    noun: str
    lowest: float
    highest: float
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A retail topic, named by its category path, and the words that people use about it."""

    name: str
    language: str
    label: str
    """What people call it; the path's last part in English."""
    kinds: tuple[Kind, ...]
    adjectives: tuple[str, ...]
    materials: tuple[str, ...]
    brands: tuple[str, ...]
    uses: tuple[str, ...]
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Ways to write a text, each with the names of its words, and their summed odds."""

    odds: tuple[float, ...]
    texts: tuple[str, ...]


def topics(language: str = ENGLISH) -> Mapping[str, Topic]:
    """All topics by category path, in the order of the file. KeyError for a language without a vocabulary."""
    return _vocabulary(language)[1]


def texts(n: int, seed: int, language: str = ENGLISH) -> list[str]:
    """`n` titles and queries over all topics, for fitting a projection to the language of a shop.

    >>> texts(3, seed=1) == texts(4, seed=1)[:3]
    True
    """
    rng = Random(f"texts/{seed}")
    everything = list(topics(language).values())
    return [_text(rng, rng.choice(everything)) for _ in range(n)]


def sample_titles(topic: str, n: int, seed: int, language: str = ENGLISH) -> list[str]:
    """`n` product titles of a topic. KeyError for a topic that does not exist."""
    rng = Random(f"titles/{topic}/{seed}")
    chosen = topics(language)[topic]
    return [compose_title(rng, chosen, rng.choice(chosen.kinds), rng.choice(chosen.brands)) for _ in range(n)]


def sample_queries(topic: str, n: int, seed: int, language: str = ENGLISH) -> list[str]:
    """`n` search queries of a topic. KeyError for a topic that does not exist."""
    rng = Random(f"queries/{topic}/{seed}")
    chosen = topics(language)[topic]
    return [compose_query(rng, chosen, rng.choice(chosen.kinds)) for _ in range(n)]


def compose_title(rng: Random, topic: Topic, kind: Kind, brand: str) -> str:
    """One product title, in one of the orders that shops write them in."""
    return _write(_pick(rng, _vocabulary(topic.language)[0]["titles"]), _Words(rng, topic, kind, brand))


def compose_query(rng: Random, topic: Topic, kind: Kind) -> str:
    """One search query, from a single noun to a question; some have a typing error."""
    query = _write(_pick(rng, _vocabulary(topic.language)[0]["queries"]), _Words(rng, topic, kind))
    return _slip(rng, query) if rng.random() < SLIP_SHARE else query


_AND = {ENGLISH: " and ", "de": " und "}
"""What stands between two adjectives; nothing in Chinese."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Words drawn from one topic about one kind of product, by the names of the patterns."""

    rng: Random
    topic: Topic
    kind: Kind
    brand_name: str = ""

    def noun(self) -> str:
        """What it is."""
        return self.kind.noun

    def brand(self) -> str:
        """Who makes it: the title's brand."""
        return self.brand_name

    def any_brand(self) -> str:
        """Who might make it."""
        return self.rng.choice(self.topic.brands)

    def adjective(self) -> str:
        """What it is like."""
        return self.rng.choice(self.topic.adjectives)

    def two_adjectives(self) -> str:
        """What it is like, in two different words."""
        return self.and_between.join(self.rng.sample(self.topic.adjectives, 2))

    def material(self) -> str:
        """What it is made of, or its variety."""
        return self.rng.choice(self.topic.materials)

    def use(self) -> str:
        """For whom, or for what."""
        return self.rng.choice(self.topic.uses)

    def unit(self) -> str:
        """Size or pack."""
        return self.rng.choice(self.kind.units)

    def ask(self) -> str:
        """A question that names no product outright."""
        return self.rng.choice(self.topic.asks)

    def budget(self) -> str:
        """A round upper price."""
        return str(max(5, 10 * round((self.kind.lowest + self.kind.highest) / 20)))

    @property
    def and_between(self) -> str:
        """What stands between two adjectives."""
        return _AND.get(self.topic.language, "")


def _write(pattern: str, words: _Words) -> str:
    """The pattern with a word for each name, drawn in their order. `{Noun}` begins with a capital, `{NOUN}` has all."""
    parts = []
    for literal, name, _, _ in Formatter().parse(pattern):
        parts.append(literal)
        if name:
            word = str(getattr(words, name.lower())())
            parts.append(word.upper() if name.isupper() else _first_up(word) if name[0].isupper() else word)
    return "".join(parts)


def _pick(rng: Random, patterns: Patterns) -> str:
    return rng.choices(patterns.texts, cum_weights=patterns.odds)[0]


def _text(rng: Random, topic: Topic) -> str:
    kind = rng.choice(topic.kinds)
    if rng.random() < QUERY_SHARE:
        return compose_query(rng, topic, kind)
    return compose_title(rng, topic, kind, rng.choice(topic.brands))


def _slip(rng: Random, query: str) -> str:
    """A typing error: two neighbouring letters are swapped, or one is left out."""
    at = rng.randrange(max(1, len(query) - 1))
    if rng.random() < 0.5:
        return query[:at] + query[at + 1 :] or query
    return query[:at] + query[at + 1 : at + 2] + query[at : at + 1] + query[at + 2 :]


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _vocabulary(language: str) -> tuple[Mapping[str, Patterns], Mapping[str, Topic]]:
    if language not in LANGUAGES:
        raise KeyError(f"no vocabulary in {language!r}: there is {', '.join(LANGUAGES)}")
    table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    patterns = {name: _patterns(lines) for name, lines in table["patterns"].items()}
    found = {name: _topic(name, language, words) for name, words in table["topics"].items()}
    return MappingProxyType(patterns), MappingProxyType(found)


def _patterns(lines: Sequence[tuple[float, str]]) -> Patterns:
    return Patterns(tuple(accumulate(odds for odds, _ in lines)), tuple(text for _, text in lines))


def _topic(name: str, language: str, table: Mapping[str, Any]) -> Topic:
    words = {field: tuple(table[field]) for field in ("adjectives", "materials", "brands", "uses", "asks")}
    label = table.get("label", name.rpartition("/")[2])
    return Topic(name, language, label, kinds=tuple(_kind(line) for line in table["kinds"]), **words)


def _kind(line: str) -> Kind:
    noun, prices, units = (part.strip() for part in line.split("|"))
    lowest, highest = (float(price) for price in prices.split("-"))
    return Kind(noun, lowest, highest, tuple(unit.strip() for unit in units.split(",")))
