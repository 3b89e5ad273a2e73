"""A stock Faust application as its documentation teaches it: one agent that counts every shopper's events in a Table.

Settings are those of a careful user: at_least_once, acks=all, a changelog that exists beforehand, each event counted
before it is acknowledged. Nothing is sabotaged. Under faults it counts wrongly all the same:

- **Twice.** A count goes to the changelog at once; the offset of its event is committed on its own, every 2.8 s. A
  worker killed in between comes back with the new count, and is given the old events again.
- **Lost.** When the broker refuses a write, Faust logs it, and commits the offset of its event all the same: the event
  is never given again, and the count that it led to is in no log. Before a commit Faust flushes its producer, but gives
  up after 0.1 s, so a slow delivery is no different.

Nothing ties the offset to the count. In Liveprofile each profile carries the offset that it has applied, and nothing is
acknowledged before it is durable.
"""

import os
from typing import Any

import faust

app = faust.App(
    "stock",
    broker=f"kafka://{os.environ['STOCK_BOOTSTRAP']}",
    datadir=os.environ["STOCK_FOLDER"],
    store=os.environ["STOCK_STORE"],
    topic_partitions=int(os.environ["STOCK_PARTITIONS"]),
    processing_guarantee="at_least_once",
    producer_acks=-1,
    consumer_auto_offset_reset="earliest",
    broker_session_timeout=10.0,  # back soon after a kill; the default of 60 s only makes the control slower
    broker_heartbeat_interval=3.0,
    stream_wait_empty=True,
    topic_disable_leader=True,
    web_enabled=False,
)
events = app.topic("events", key_type=str, value_type=str)
counts = app.Table("counts", default=int, partitions=int(os.environ["STOCK_PARTITIONS"]))


@app.agent(events)
async def count(stream: Any) -> None:
    """Count what every shopper did; the stream is keyed by shopper."""
    async for user, _ in stream.items():  # noqa: PERF102 - a stream is no dict
        counts[user] += 1


if __name__ == "__main__":
    app.main()
