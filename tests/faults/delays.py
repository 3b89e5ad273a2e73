"""How long it took from an event's arrival in Kafka to the change of a profile that it caused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson

from tests.support.topics_now import records_of

if TYPE_CHECKING:
    from tests.faults.shop import Shop


async def delays_of(shop: Shop) -> dict[str, float]:
    """Median, p99 and maximum in seconds over all changes; a change said again counts when it was said first."""
    topics = shop.topics
    arrived = {
        event_id: record.timestamp
        for topic in topics.inputs
        async for record in records_of(shop.bootstrap, topic, topics.partitions)
        if (event_id := _event_id(record.value))
    }
    published: dict[bytes, float] = {}
    async for record in records_of(shop.bootstrap, topics.profile_changes, topics.partitions):
        headers = dict(record.headers)
        cause = arrived.get(headers["ce_causationid"].decode())
        if cause is not None:
            published.setdefault(headers["ce_id"], (record.timestamp - cause) / 1000)
    delays = np.array(list(published.values()) or [0.0])
    shares = {"median": 0.5, "p99": 0.99, "max": 1.0}
    return {name: round(float(np.quantile(delays, share)), 3) for name, share in shares.items()} | {
        "changes": len(published)
    }


def _event_id(value: bytes | None) -> str | None:
    try:
        return orjson.loads(value or b"")["event_id"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
