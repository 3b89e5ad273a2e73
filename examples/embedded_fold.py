"""The fold inside another program, without Kafka: events of one's own in, changes and a profile out.

    python examples/embedded_fold.py

With --bootstrap the events come from the topic `clicks` of a Kafka instead; nothing is written there. The first run on
a machine compiles the fold, which takes a minute or two.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator

from liveprofile import ActivityEncoder, Fold, Policy, RefusedError

KEY = b"a secret of the shop, 16 bytes or more"
NOON = 1_767_268_800  # 2026-01-01 12:00 UTC


def own_events() -> Iterator[bytes]:
    """A shopper who looks at pans, then at shoes."""
    for number in range(12):
        category = "home/kitchen" if number < 6 else "fashion/shoes"
        event = {"user_id": "u-1042", "event_id": f"e{number}", "ts": NOON + 60 * number, "category": category}
        yield json.dumps(event).encode()


async def kafka_events(bootstrap: str) -> list[bytes]:
    """What stands on `clicks` now."""
    from aiokafka import AIOKafkaConsumer

    async with AIOKafkaConsumer("clicks", bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        found = []
        while batches := await consumer.getmany(timeout_ms=2_000):
            found += [record.value for records in batches.values() for record in records]
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", help="read clicks from this Kafka, host:port[,host:port]")
    given = parser.parse_args()
    events = asyncio.run(kafka_events(given.bootstrap)) if given.bootstrap else own_events()

    encoder, fold, profiles = ActivityEncoder(KEY), Fold(Policy()), {}
    offset = 0
    for place, event in enumerate(events):
        try:
            keys, values = encoder.encode("clicks", event, offset=place)
        except RefusedError as refused:
            print(f"event {place} refused: {refused}")
            continue
        result = fold.apply(keys, values, range(offset, offset + len(values)))
        offset += len(values)
        profiles.update(dict.fromkeys(keys))
        for fact in result.changes:
            for change in fact.record.changes:
                print(f"{fact.record.profile_id[:8]} v{fact.record.version} {change.path}: {change.after}")

    for snapshot in fold.snapshots(list(profiles)):
        topics = ", ".join(f"{one.topic} {one.share:.0%}" for one in snapshot.interests.session)
        print(f"{snapshot.profile_id[:8]} after {snapshot.events.total} events: {topics}")


if __name__ == "__main__":
    main()
