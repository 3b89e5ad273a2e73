"""A demo's simulated shoppers join no profiles of others, unless that is asked for."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from liveprofile.streams.cli.demo.place import require_place
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import SetupError

pytestmark = pytest.mark.kafka
NewTopics = Callable[..., Awaitable[Topics]]


async def add_profile(bootstrap: str, topics: Topics) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(topics.profiles, b"{}", key=b"a" * 32)


@pytest.mark.parametrize("own", [True, False], ids=["embedded", "of one's own"])
async def test_a_demo_is_refused_where_profiles_are_that_no_demo_made(
    bootstrap: str, new_topics: NewTopics, tmp_path: Path, own: bool
) -> None:
    topics = await new_topics(partitions=1)
    await add_profile(bootstrap, topics)
    with pytest.raises(SetupError, match="no demo has made") as caught:
        await require_place(tmp_path, bootstrap, topics, own_broker=own, join=False)
    assert "--data-dir .liveprofile-demo" in caught.value.next_step
    await require_place(tmp_path, bootstrap, topics, own_broker=own, join=True)
    with pytest.raises(SetupError):
        await require_place(tmp_path, bootstrap, topics, own_broker=own, join=False)


async def test_a_demo_goes_on_where_one_began(bootstrap: str, new_topics: NewTopics, tmp_path: Path) -> None:
    topics = await new_topics(partitions=1)
    await require_place(tmp_path / "new", bootstrap, topics, own_broker=True, join=False)
    await add_profile(bootstrap, topics)
    await require_place(tmp_path / "new", bootstrap, topics, own_broker=True, join=False)
    with pytest.raises(SetupError):
        await require_place(tmp_path / "other", bootstrap, topics, own_broker=True, join=False)
