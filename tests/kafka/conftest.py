"""What tests on a real Kafka share."""

from collections.abc import AsyncIterator

import pytest

from liveprofile.streams.runtime.outbox import KafkaOutbox


@pytest.fixture
async def outbox(bootstrap: str) -> AsyncIterator[KafkaOutbox]:
    """A producer of the test's own."""
    async with KafkaOutbox(bootstrap) as started:
        yield started
