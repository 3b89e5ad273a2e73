"""One's own producer: a shopper looks around, searches and buys, as JSON on the input topics.

    python examples/producer.py --bootstrap localhost:9092 --user u-1042

Every Kafka client can write these records: docs/schemas has their fields. Give each record an `event_id` of its own, so
that one that is sent twice counts once, and the user id as key, so that the events of a shopper keep their order.
"""

import argparse
import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaProducer

PAN = {"item_id": "pan-28", "title": "Cast iron pan 28 cm", "category": "home/kitchen", "brand": "Arbo"}


def visit(user_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Topics and records of one visit."""
    common = {"user_id": user_id, "session_id": f"visit-{uuid.uuid4().hex[:8]}"}
    yield "searches", {**common, "query": "cast iron pan"}
    yield "clicks", {**common, "action": "view", "price": 49.90, "dwell_ms": 12_000, **PAN}
    yield "clicks", {**common, "action": "cart", "price": 49.90, **PAN}
    yield (
        "purchases",
        {**common, "order_id": "o-1", "items": [{"price": 49.90, "quantity": 1, **PAN}], "currency": "EUR"},
    )


async def send(bootstrap: str, user_id: str, visits: int) -> int:
    """Send all events and return how many there were; each is durable then."""
    count = 0
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        for _ in range(visits):
            for topic, record in visit(user_id):
                event = {"event_id": uuid.uuid4().hex, "ts": round(time.time() * 1000), **record}
                await producer.send_and_wait(topic, json.dumps(event).encode(), key=user_id.encode())
                count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", default="localhost:9092", help="Kafka, host:port[,host:port]")
    parser.add_argument("--user", default="u-1042", help="the shop's user id")
    parser.add_argument("--visits", type=int, default=1, help="how many visits to send")
    given = parser.parse_args()
    print(f"{asyncio.run(send(given.bootstrap, given.user, given.visits))} events sent for {given.user}")


if __name__ == "__main__":
    main()
