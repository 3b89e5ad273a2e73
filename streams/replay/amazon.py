"""Reads Amazon reviews as purchases: the next-item table (CSV, order only) and Reviews 2023 (JSON lines, timed)."""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from streams.replay.record import PURCHASES, Record, Skipped
from streams.replay.table import Row, rows

FIRST_STEP_MS = 1_514_764_800_000
"""2018-01-01 UTC: the next-item table knows only the order, so each user's n-th item gets this time and n days."""
STEP_MS = 86_400_000

COLUMNS = ("user_id", "history_item_title", "item_title", "history_item_id", "item_id")

_Step = tuple[str, str]
"""(item id, title)."""


def read_next_items(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield each user's items in order, user by user.

    A user's rows repeat the (cut) history and add one item each, so the first row gives the history and every row an
    item.
    """
    journeys: dict[str, list[_Step]] = {}
    for row in rows(lines, skipped, *COLUMNS):
        journey = journeys.setdefault(row["user_id"], [])
        try:
            past = _history(row)
        except (ValueError, SyntaxError):
            skipped["a history that cannot be read"] += 1
            continue
        if not journey:
            journey.extend(past)
        elif journey[-len(past) :] != past:
            skipped["a row that does not continue its user's history"] += 1
            continue
        journey.append((row["item_id"], row["item_title"]))
    for user, journey in journeys.items():
        for step, (item, title) in enumerate(journey):
            line = {"item_id": item, "title": title, "quantity": 1}
            yield _purchase(user, f"{user}-{step}", FIRST_STEP_MS + step * STEP_MS, line)


def _history(row: Row) -> list[_Step]:
    ids, titles = ast.literal_eval(row["history_item_id"]), ast.literal_eval(row["history_item_title"])
    return [(str(item), title) for item, title in zip(ids, titles, strict=True)]


def read_reviews(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield each user's reviews in order, user by user, the held-out one last."""
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
                yield _reviewed(user, review)
            except (KeyError, TypeError, AttributeError):
                skipped["a review without product or time"] += 1


def _reviewed(user: dict[str, Any], review: dict[str, Any]) -> Record:
    product = review.get("product") or {}
    line = {
        "item_id": review["parent_asin"],
        "title": product.get("title"),
        "category": product.get("main_category") or user.get("category", "").replace("_", " "),
        "brand": product.get("brand"),
        "price": product.get("price"),
        "quantity": 1,
    }
    when = review["timestamp_ms"]
    known = {name: value for name, value in line.items() if value is not None}
    return _purchase(user["user_id"], f"{user['user_id']}-{when}-{review['parent_asin']}", when, known)


def _purchase(user: str, order_id: str, time_ms: int, line: dict[str, Any]) -> Record:
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
