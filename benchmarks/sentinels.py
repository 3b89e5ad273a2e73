"""Sentinels: clicks of new shoppers behind the last event. Each causes a fact, so they show when the end is reached."""

from collections.abc import Callable, Sequence

import orjson

from benchmarks.arrivals import Change, Watcher
from liveprofile.streams.clock import now_ms
from liveprofile.streams.producers.sender import Sender

COUNT = 64
"""So many that every partition has some."""
TITLE = "Plain vase"


def fine() -> None:
    """A check that finds nothing wrong."""


def add_sentinels(sender: Sender, clicks: str, name: str) -> list[bytes]:
    """Add the sentinels of a run to the topic `clicks`; returns their event ids.

    `name` tells their shoppers from those of other runs.
    """
    ids = [b"sentinel-%b-%d" % (name.encode(), number) for number in range(COUNT)]
    for one in ids:
        click = {"event_id": one.decode(), "user_id": one.decode(), "ts": now_ms(), "action": "view"}
        click |= {"item_id": "i1", "title": TITLE, "category": "home/decor"}
        sender.add(clicks, one, orjson.dumps(click), now_ms())
    return ids


async def until_seen(
    watcher: Watcher, sentinels: Sequence[bytes], quiet_s: float, at_most_s: float, alive: Callable[[], None] = fine
) -> None:
    """Wait until each sentinel has caused a fact, then for `quiet_s` without any. TimeoutError after `at_most_s`."""
    wanted = set(sentinels)

    def seen(new: Sequence[Change]) -> bool:
        wanted.difference_update(cause for cause, _ in new)
        return not wanted

    await watcher.until(seen, alive, at_most_s)
    await watcher.quiet(quiet_s, at_most_s)
