"""The simulated shop's catalogue: products on shelves (one per category), and the queries of shoppers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import cycle, islice
from random import Random
from typing import Any

import orjson

from liveprofile.models import corpus
from liveprofile.streams.simulator.shop_words import words_of

PRODUCTS_PER_SHELF = 20
QUERIES_PER_SHELF = 40
_REDUCED_SHARE = 0.2
"""Share of reduced products; reductions are 10% to 40%."""
_BARGAINS_BELOW = 0.3
"""Shoppers with a price taste below this look for reduced prices."""
_PRICE_ENDINGS = (99, 95, 90, 49, 0)


@dataclass(frozen=True)
class Product:
    """One product; `price_minor` is in cents."""

    item_id: str
    title: str
    category: str
    brand: str
    price_minor: int
    list_price_minor: int = 0
    """The price before a reduction; 0 if there is none."""
    language: str = corpus.ENGLISH
    """Of the shop."""

    @cached_property
    def click_tail(self) -> bytes:
        """The last fields of a click record about this product, serialised once."""
        fields = {
            "item_id": self.item_id,
            "title": self.title,
            "category": self.category,
            "brand": self.brand,
            "price": self.price_minor / 100,
            "currency": words_of(self.language).currency,
        }
        return orjson.dumps(fields | self._reduced)[1:]

    @property
    def _reduced(self) -> dict[str, float]:
        return {"list_price": self.list_price_minor / 100} if self.list_price_minor else {}

    def line(self, quantity: int) -> dict[str, Any]:
        """This product as a line of an order."""
        return {
            "item_id": self.item_id,
            "title": self.title,
            "category": self.category,
            "price": self.price_minor / 100,
            "quantity": quantity,
            **self._reduced,
        }


@dataclass(frozen=True)
class Shelf:
    """A shelf: products of one category, the most popular first, and queries for them, the most frequent first."""

    topic: corpus.Topic
    products: tuple[Product, ...]
    queries: tuple[str, ...]
    price_rank: Mapping[str, float]

    def pick(self, rng: Random, taste: float) -> Product:
        """A popular product near the shopper's price taste: 0 buys the cheapest or reduced, 1 the most expensive."""
        first, second = self._popular(rng), self._popular(rng)
        if taste < _BARGAINS_BELOW and bool(first.list_price_minor) != bool(second.list_price_minor):
            return first if first.list_price_minor else second
        near, far = abs(self.price_rank[first.item_id] - taste), abs(self.price_rank[second.item_id] - taste)
        return first if near <= far else second

    def dearest(self, n: int) -> list[Product]:
        """The `n` most expensive products of the shelf."""
        return sorted(self.products, key=lambda product: -product.price_minor)[:n]

    def query(self, rng: Random) -> str:
        """A query: frequent ones far more often; one in a hundred is new."""
        if rng.random() < 0.01:
            return corpus.compose_query(rng, self.topic, rng.choice(self.topic.kinds))
        return self.queries[int(len(self.queries) * rng.random() ** 2.5)]

    def _popular(self, rng: Random) -> Product:
        return self.products[int(len(self.products) * rng.random() ** 1.6)]


@dataclass(frozen=True)
class Catalogue:
    """All shelves of the shop, by category path."""

    shelves: Mapping[str, Shelf]
    language: str = corpus.ENGLISH
    """What titles, queries and reviews are written in."""

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Category paths in a fixed order."""
        return tuple(self.shelves)

    @cached_property
    def products(self) -> tuple[Product, ...]:
        """Every product of the shop, shelf by shelf."""
        return tuple(product for shelf in self.shelves.values() for product in shelf.products)


@lru_cache(maxsize=4)
def build_catalogue(
    seed: int, products_per_shelf: int = PRODUCTS_PER_SHELF, language: str = corpus.ENGLISH
) -> Catalogue:
    """The catalogue of a seed; the same seed gives the same shop on any machine. KeyError for an unknown language."""
    rng = Random(f"catalogue/{seed}")
    topics = corpus.topics(language)
    return Catalogue({name: _shelf(rng, topic, products_per_shelf) for name, topic in topics.items()}, language)


def _shelf(rng: Random, topic: corpus.Topic, n: int) -> Shelf:
    titles: set[str] = set()
    kinds = enumerate(_kinds(rng, topic, n), start=1)
    products = [_product(rng, topic, kind, number, titles) for number, kind in kinds]
    cheapest_first = sorted(products, key=lambda product: product.price_minor)
    ranks = {product.item_id: place / max(1, n - 1) for place, product in enumerate(cheapest_first)}
    return Shelf(topic, tuple(products), _queries(rng, topic), ranks)


def _kinds(rng: Random, topic: corpus.Topic, n: int) -> list[corpus.Kind]:
    """`n` kinds, each about equally often, in order of popularity."""
    kinds = list(islice(cycle(topic.kinds), n))
    rng.shuffle(kinds)
    return kinds


def _product(rng: Random, topic: corpus.Topic, kind: corpus.Kind, number: int, taken: set[str]) -> Product:
    brand = rng.choice(topic.brands)
    title = corpus.compose_title(rng, topic, kind, brand)
    while title in taken:
        title = corpus.compose_title(rng, topic, kind, brand)
    taken.add(title)
    price = _price(rng, kind)
    item_id = f"{topic.name.replace('/', '-')}-{number:03d}"
    return Product(item_id, title, topic.name, brand, price, _list_price(rng, price), topic.language)


def _price(rng: Random, kind: corpus.Kind) -> int:
    """A price in cents between the kind's limits, uniform on a logarithmic scale, with usual price endings."""
    whole = kind.lowest * (kind.highest / kind.lowest) ** rng.random()
    return max(99, 100 * int(whole) + rng.choice(_PRICE_ENDINGS))


def _list_price(rng: Random, price_minor: int) -> int:
    """The price before the reduction; 0 for a product without reduction."""
    return round(price_minor / rng.uniform(0.6, 0.9)) if rng.random() < _REDUCED_SHARE else 0


def _queries(rng: Random, topic: corpus.Topic) -> tuple[str, ...]:
    drawn = [corpus.compose_query(rng, topic, rng.choice(topic.kinds)) for _ in range(3 * QUERIES_PER_SHELF)]
    return tuple(dict.fromkeys(drawn))[:QUERIES_PER_SHELF]
