"""Retail topics with their vocabularies, and the titles and search queries that are composed from them.

The vocabulary lies in `corpus.toml` and was written for this project. Everything drawn from it is a function of a seed:
the same seed gives the same texts on any machine.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import TypeVar

_P = TypeVar("_P")

QUERY_SHARE = 0.45
"""The share of search queries among `texts`; the rest are titles."""


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
    kinds: tuple[Kind, ...]
    adjectives: tuple[str, ...]
    materials: tuple[str, ...]
    brands: tuple[str, ...]
    uses: tuple[str, ...]
    asks: tuple[str, ...]


@cache
def topics() -> Mapping[str, Topic]:
    """All topics by category path, in the order of the file."""
    tables = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _topic(name, table) for name, table in tables.items()})


def texts(n: int, seed: int) -> list[str]:
    """`n` titles and queries over all topics, for fitting a projection to the language of a shop.

    >>> texts(3, seed=1) == texts(4, seed=1)[:3]
    True
    """
    rng = Random(f"texts/{seed}")
    everything = list(topics().values())
    return [_text(rng, rng.choice(everything)) for _ in range(n)]


def sample_titles(topic: str, n: int, seed: int) -> list[str]:
    """`n` product titles of a topic. KeyError for a topic that does not exist."""
    rng = Random(f"titles/{topic}/{seed}")
    chosen = topics()[topic]
    return [compose_title(rng, chosen, rng.choice(chosen.kinds), rng.choice(chosen.brands)) for _ in range(n)]


def sample_queries(topic: str, n: int, seed: int) -> list[str]:
    """`n` search queries of a topic. KeyError for a topic that does not exist."""
    rng = Random(f"queries/{topic}/{seed}")
    chosen = topics()[topic]
    return [compose_query(rng, chosen, rng.choice(chosen.kinds)) for _ in range(n)]


def compose_title(rng: Random, topic: Topic, kind: Kind, brand: str) -> str:
    """One product title, in one of the orders that shops write them in."""
    return _pick(rng, _TITLE_ODDS, _TITLES)(_Words(rng, topic, kind), brand)


def compose_query(rng: Random, topic: Topic, kind: Kind) -> str:
    """One search query, from a single noun to a question; some have a typing error."""
    query = _pick(rng, _QUERY_ODDS, _QUERIES)(_Words(rng, topic, kind))
    return _slip(rng, query) if rng.random() < 0.03 else query


@dataclass(frozen=True, slots=True)
class _Words:
    """Words drawn from one topic about one kind of product."""

    rng: Random
    topic: Topic
    kind: Kind

    def adjective(self) -> str:
        """What it is like."""
        return self.rng.choice(self.topic.adjectives)

    def two_adjectives(self) -> str:
        """What it is like, in two different words."""
        return " and ".join(self.rng.sample(self.topic.adjectives, 2))

    def material(self) -> str:
        """What it is made of, or its variety."""
        return self.rng.choice(self.topic.materials)

    def use(self) -> str:
        """For whom, or for what."""
        return self.rng.choice(self.topic.uses)

    def unit(self) -> str:
        """Size or pack."""
        return self.rng.choice(self.kind.units)

    def brand(self) -> str:
        """Who makes it."""
        return self.rng.choice(self.topic.brands)

    def ask(self) -> str:
        """A question that names no product outright."""
        return self.rng.choice(self.topic.asks)

    def budget(self) -> int:
        """A round upper price."""
        return max(5, 10 * round((self.kind.lowest + self.kind.highest) / 20))

    @property
    def noun(self) -> str:
        """The product's noun."""
        return self.kind.noun


_TITLES: tuple[tuple[float, Callable[[_Words, str], str]], ...] = (
    (5, lambda w, b: f"{b} {w.adjective()} {w.noun}, {w.material()}, {w.unit()}"),
    (3, lambda w, b: f"{b} {_first_up(w.noun)} {w.unit()} – {w.adjective()}, {w.material()}"),
    (3, lambda w, b: f"{_first_up(w.noun)} in {w.material()} by {b}, for {w.use()}"),
    (3, lambda w, b: f"{b} {w.noun} for {w.use()}, {w.adjective()} ({w.unit()})"),
    (2, lambda w, b: f"{_first_up(w.adjective())} {w.noun} {w.unit()}, {b}"),
    (2, lambda w, b: f"{b} {w.material()} {w.noun}"),
    (2, lambda w, b: f"{w.adjective()} {w.material()} {w.noun}".upper()),
    (1, lambda w, b: f"{b} {w.noun}, {w.unit()}, {w.two_adjectives()}, ideal for {w.use()}"),
    (1, lambda w, b: f"{_first_up(w.material())} {w.noun} | {w.unit()} | {b}"),
)

_QUERIES: tuple[tuple[float, Callable[[_Words], str]], ...] = (
    (5, lambda w: w.noun),
    (5, lambda w: f"{w.adjective()} {w.noun}"),
    (4, lambda w: f"{w.material()} {w.noun}"),
    (4, lambda w: f"{w.noun} for {w.use()}"),
    (3, lambda w: f"{w.noun} {w.unit()}"),
    (3, lambda w: w.ask()),
    (2, lambda w: f"{w.brand()} {w.noun}"),
    (1, lambda w: f"best {w.noun} for {w.use()}"),
    (1, lambda w: f"cheap {w.noun}"),
    (1, lambda w: f"{w.adjective()} {w.noun} under {w.budget()}"),
    (1, lambda w: f"{w.noun} {w.material()} {w.unit()}"),
    (1, lambda w: w.brand()),
)

_TITLE_ODDS = tuple(accumulate(odds for odds, _ in _TITLES))
_QUERY_ODDS = tuple(accumulate(odds for odds, _ in _QUERIES))


def _pick(rng: Random, odds: tuple[float, ...], patterns: tuple[tuple[float, _P], ...]) -> _P:
    return rng.choices(patterns, cum_weights=odds)[0][1]


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


def _topic(name: str, table: Mapping[str, list[str]]) -> Topic:
    words = {field: tuple(table[field]) for field in ("adjectives", "materials", "brands", "uses", "asks")}
    return Topic(name=name, kinds=tuple(_kind(line) for line in table["kinds"]), **words)


def _kind(line: str) -> Kind:
    noun, prices, units = (part.strip() for part in line.split("|"))
    lowest, highest = (float(price) for price in prices.split("-"))
    return Kind(noun, lowest, highest, tuple(unit.strip() for unit in units.split(",")))
