"""The consumer thread outlives a main thread that does not wait for it: without Kafka, nobody waits for long."""

import asyncio
from types import SimpleNamespace

from liveprofile.streams.transport.fetching import BatchConsumerThread


def test_a_thread_that_ends_after_the_main_loop_has_closed_says_nothing() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    BatchConsumerThread.set_shutdown(SimpleNamespace(parent_loop=loop))
