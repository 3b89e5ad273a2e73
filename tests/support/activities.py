"""Activities as tests need them: short to write, and whole logs drawn from a seed."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from liveprofile.profiles.records.activity import (
    LAYOUT,
    VECTOR_ONE,
    Action,
    Kind,
    control_record,
    digest32,
    digest64,
    encode,
    head_dtype,
    name_check,
    source_code,
)

DIMS = 128
"""The product's dimensions, so that tests run the very code that was compiled for it."""
NOON_MS = 1_767_268_800_000
"""2026-01-01 12:00 UTC."""

TOPICS = ("home/kitchen", "garden/tools", "toys/puzzles", "fashion/shoes", "electronics/audio", "beauty/skin", "books")
BRANDS = ("Arbo", "Lumen", "Tessla", "Korv")


def direction(topic: str, dims: int = DIMS) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A unit vector that belongs to a topic."""
    vector = np.random.default_rng(digest32(topic)).normal(size=dims)
    return vector / np.linalg.norm(vector)


def activity(
    action: Action = Action.VIEW,
    *,
    at_s: float = 0.0,
    topic: str | None = TOPICS[0],
    brand: str | None = None,
    offset: int = 0,
    event_id: str | None = None,
    order: str | None = None,
    total: float = 0.0,
    line: int = 0,
    lines: int = 1,
    session: str | None = None,
    vector: np.ndarray[Any, Any] | None = None,
    source: tuple[str, int] = ("clicks", 0),
    subject: str | None = None,
    dims: int = DIMS,
    **fields: int,
) -> bytes:
    """One record; times are seconds after noon, totals are in major units, `offset` is the input record's.

    `fields` are any others of the head, as they stand there.
    """
    head = np.zeros((), dtype=head_dtype(dims))
    head["layout"], head["dims"], head["action"] = LAYOUT, dims, action
    head["event_time_ms"] = NOON_MS + round(at_s * 1000)
    head["source"] = source_code(*source, offset)
    head["line"], head["lines"] = line, lines
    head["event_digest"] = digest64(f"{event_id}#{line}") if event_id else 0
    head["order"] = digest64(order) if order else 0
    head["category"], head["category_check"] = (digest32(topic), name_check(topic)) if topic else (0, 0)
    head["brand"], head["brand_check"] = (digest32(brand), name_check(brand)) if brand else (0, 0)
    head["subject"] = digest32(subject) if subject else 0
    head["session"] = digest64(session) if session else 0
    head["order_total"] = head["amount"] = round(total * 100)
    towards = vector if vector is not None else direction(topic, dims) if topic else np.zeros(dims)
    head["vector"] = np.rint(towards * VECTOR_ONE)
    for name, number in fields.items():
        head[name] = number
    return encode(head, [event_id, topic, brand, None, session])


def tick(at_s: float, dims: int = DIMS) -> bytes:
    """Time passes."""
    return control_record(Kind.TICK, NOON_MS + round(at_s * 1000), dims)


def adoption(at_s: float, record: dict[str, Any], dims: int = DIMS) -> bytes:
    """A model is in force from here on."""
    return control_record(Kind.ADOPT, NOON_MS + round(at_s * 1000), dims, record)


def erasure(at_s: float, dims: int = DIMS) -> bytes:
    """The profile that is the record's key is forgotten."""
    return control_record(Kind.ERASE, NOON_MS + round(at_s * 1000), dims)


@dataclass(frozen=True)
class Log:
    """Keys and records of one partition of `activity`; the offset is the place in the list."""

    keys: list[bytes]
    values: list[bytes]

    def __len__(self) -> int:
        return len(self.keys)


def random_log(seed: int, count: int = 400, users: int = 12, ticks: bool = True) -> Log:
    """A log of shoppers with two favourite topics each, in order of time, with repeats, late events, sessions at once,
    and orders that are sent again, edited and refunded."""
    random = np.random.default_rng(seed)
    favourites = random.choice(len(TOPICS), size=(users, 2))
    keys: list[bytes] = []
    values: list[bytes] = []
    clock = 0.0
    while len(keys) < count:
        clock += float(random.exponential(20.0))
        user = int(random.integers(users))
        if ticks and random.random() < 0.02:
            keys.append(b"\x00tick")
            values.append(tick(clock))
            continue
        late = float(random.exponential(3000.0)) if random.random() < 0.1 else 0.0
        action = Action(int(random.choice([0, 0, 0, 1, 1, 2, 3, 4, 6, 7, 8, 9])))
        order = action in (Action.PURCHASE, Action.REFUND)
        lines = int(random.integers(1, 4)) if order else 1
        total = round(float(random.lognormal(3.0, 1.0)), 2) if order else 0.0
        event_id = f"e{len(keys)}" if random.random() < 0.7 else None
        order_id = f"o{int(random.integers(5))}" if order and random.random() < 0.7 else None
        session = f"s{int(random.integers(4))}" if random.random() < 0.5 else None
        for line in range(lines):
            keys.append(b"%032x" % user)
            values.append(
                activity(
                    action,
                    at_s=clock - late,
                    topic=TOPICS[favourites[user, int(random.integers(2))]],
                    brand=str(random.choice(BRANDS)) if random.random() < 0.5 else None,
                    offset=len(keys),
                    event_id=event_id,
                    order=order_id,
                    total=total,
                    line=line,
                    lines=lines,
                    session=session,
                    source=("purchases" if order else "clicks", user % 3),
                )
            )
    return Log(keys[:count], values[:count])


def with_erasures(log: Log, seed: int, count: int = 3) -> Log:
    """The log with some of its shoppers erased in the middle of it, one of them twice."""
    random = np.random.default_rng([seed, 1])
    keys, values = list(log.keys), list(log.values)
    shoppers = random.choice(sorted({key for key in keys if not key.startswith(b"\x00")}), size=count)
    for shopper in (*shoppers, shoppers[0]):
        at = int(random.integers(len(keys) + 1))
        keys.insert(at, bytes(shopper))
        values.insert(at, erasure(float(at)))
    return Log(keys, values)
