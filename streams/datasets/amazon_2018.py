"""Reads Amazon Reviews 2018: one review per line, with products from the metadata file in the same folder."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from liveprofile.streams.datasets.amazon import bought_and_reviewed
from liveprofile.streams.datasets.record import REVIEWS, Record, Skipped

_PRICE = re.compile(r"\$(\d[\d,]*\.?\d*)")
_MARKUP = ("<", "getTime(")
"""Parts of web pages in some titles and prices of the metadata."""

Products = Mapping[str, dict[str, Any]]
"""Title, brand, category path and price by asin, as far as known."""


def read_asins(lines: Iterable[str]) -> set[str]:
    """The products of reviews or metadata."""
    return {source["asin"] for source in _sources(lines)}


def read_products(lines: Iterable[str], wanted: set[str]) -> Products:
    """The wanted products; the metadata has many more."""
    return {source["asin"]: _product(source) for source in _sources(lines) if source["asin"] in wanted}


def _sources(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Objects with a product id; unreadable lines are skipped."""
    for line in lines:
        try:
            source = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(source, dict) and isinstance(source.get("asin"), str):
            yield source


def _product(source: dict[str, Any]) -> dict[str, Any]:
    """The data of one product.

    >>> _product({"title": "Tape", "brand": "", "category": ["Industrial & Scientific", "Tapes"], "price": "$1,009.99"})
    {'title': 'Tape', 'main_category': 'Industrial & Scientific/Tapes', 'price': 1009.99}
    """
    names = [name.replace("/", " ") for name in source.get("category") or () if _is_text(name)]
    price = _PRICE.fullmatch((source.get("price") or "").strip())
    known = {
        "title": source.get("title"),
        "brand": source.get("brand"),
        "main_category": "/".join(names),
    }
    texts = {name: text for name, text in known.items() if text and _is_text(text)}
    return texts | ({"price": float(price[1].replace(",", ""))} if price else {})


def _is_text(text: Any) -> bool:
    return isinstance(text, str) and not any(mark in text for mark in _MARKUP)


def read(lines: Iterable[str], skipped: Skipped, products: Products) -> Iterator[Record]:
    """Yield a purchase and a review for each line; only the review if the purchase is not `verified`.

    Times are days, and lines are in the order of products.
    """
    for line in lines:
        if not line.strip():
            continue
        try:
            source = orjson.loads(line)
            review = _review(source, products)
            records = bought_and_reviewed({"user_id": source["reviewerID"]}, review)
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
            skipped["not a review with a reviewer, a product and a time"] += 1
            continue
        bought = source.get("verified", True)
        yield from (record for record in records if bought or record.topic == REVIEWS)


def _review(source: dict[str, Any], products: Products) -> dict[str, Any]:
    """The review in the form of Reviews 2023."""
    return {
        "parent_asin": source["asin"],
        "timestamp_ms": int(source["unixReviewTime"]) * 1000,
        "rating": source.get("overall"),
        "review_title": source.get("summary"),
        "review_full": source.get("reviewText"),
        "product": products.get(source["asin"]),
    }
