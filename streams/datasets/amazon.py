"""Reads Amazon reviews: the next-item table (CSV, purchases by order) and Reviews 2023 (JSON lines, with stars)."""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from liveprofile.streams.datasets.record import PURCHASES, REVIEWS, Record, Skipped
from liveprofile.streams.datasets.table import Row, rows

FIRST_STEP_MS = 1_514_764_800_000
"""2018-01-01 UTC: the next-item table has no times, so each user's n-th item gets this time plus n days."""
STEP_MS = 86_400_000

_MARKUP = re.compile(r"<[^<>]{0,200}>")

COLUMNS = ("user_id", "history_item_title", "item_title", "history_item_id", "item_id")

Step = tuple[str, str]
"""(item id, title)."""


class NextItem(NamedTuple):
    """A row of a next-item table: a user's history (the last ten items, newest last), and the next item."""

    user: str
    history: list[Step]
    item: Step


def item_name(item_id: str) -> str:
    """The item's id. The tables number their items from 0, and 0 alone would be taken for a placeholder.

    >>> item_name("0"), item_name("10")
    ('item-0', '10')
    """
    return "item-0" if item_id == "0" else item_id


def next_item_rows(lines: Iterable[str], skipped: Skipped) -> Iterator[NextItem]:
    """The rows of a next-item table, in the order of the file."""
    for row in rows(lines, skipped, *COLUMNS):
        try:
            yield NextItem(row["user_id"], _history(row), (item_name(row["item_id"]), row["item_title"]))
        except (ValueError, SyntaxError):
            skipped["a history that cannot be read"] += 1


def read_next_items(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield each user's items in order, user by user.

    A user's rows repeat the (cut) history and add one item each, so the first row gives the history and every row an
    item.
    """
    journeys: dict[str, list[Step]] = {}
    for user, past, item in next_item_rows(lines, skipped):
        journey = journeys.setdefault(user, [])
        if not journey:
            journey.extend(past)
        elif journey[-len(past) :] != past:
            skipped["a row that does not continue its user's history"] += 1
            continue
        journey.append(item)
    for user, journey in journeys.items():
        for step, (item_id, title) in enumerate(journey):
            line = {"item_id": item_id, "title": title, "quantity": 1}
            yield purchase(user, f"{user}-{step}", FIRST_STEP_MS + step * STEP_MS, line)


def _history(row: Row) -> list[Step]:
    ids, titles = ast.literal_eval(row["history_item_id"]), ast.literal_eval(row["history_item_title"])
    return [(item_name(str(item)), title) for item, title in zip(ids, titles, strict=True)]


def read_reviews(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield each user's purchases and reviews in order, user by user, the held-out one last."""
    for line in lines:
        if not line.strip():
            continue
        try:
            user = orjson.loads(line)
            reviews = [*user["history"], *([user["heldout"]] if user.get("heldout") else [])]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            skipped["not a user with a history"] += 1
            continue
        for review in reviews:
            try:
                yield from bought_and_reviewed(user, review)
            except (KeyError, TypeError, AttributeError):
                skipped["a review without product or time"] += 1


def bought_and_reviewed(user: dict[str, Any], review: dict[str, Any]) -> list[Record]:
    """The purchase and the review, both at the time of the review, because no other time is known."""
    product = review.get("product") or {}
    line = {
        "item_id": review["parent_asin"],
        "title": product.get("title"),
        "category": product.get("main_category") or user.get("category", "").replace("_", " ") or None,
        "brand": product.get("brand"),
        "price": product.get("price"),
        "quantity": 1,
    }
    when = review["timestamp_ms"]
    known = {name: value for name, value in line.items() if value is not None}
    name = f"{user['user_id']}-{when}-{review['parent_asin']}"
    return [purchase(user["user_id"], name, when, known), *_review(user["user_id"], name, when, known, review)]


def _review(user: str, name: str, when: int, product: dict[str, Any], review: dict[str, Any]) -> list[Record]:
    """The review, unless it has neither stars nor words."""
    words = [review.get("review_title"), review.get("review_full") or review.get("review_excerpt")]
    text = _MARKUP.sub(" ", ". ".join(word for word in words if word))
    opinion = {"stars": review.get("rating"), "text": text or None}
    given = {field: value for field, value in opinion.items() if value is not None}
    fields = {"event_id": f"amazon-review-{name}", "user_id": user, "ts": when}
    about = {field: value for field, value in product.items() if field != "quantity"}
    currency = {"currency": "USD"} if "price" in product else {}
    return [Record(REVIEWS, user, fields | about | currency | given)] if given else []


def purchase(user: str, order_id: str, time_ms: int, line: dict[str, Any]) -> Record:
    """One order of one item."""
    fields: dict[str, Any] = {
        "event_id": f"amazon-{order_id}",
        "user_id": user,
        "ts": time_ms,
        "order_id": order_id,
        "items": [line],
    }
    if "price" in line:
        fields |= {"currency": "USD", "total": line["price"]}
    return Record(PURCHASES, user, fields)
