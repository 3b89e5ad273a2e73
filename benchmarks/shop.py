"""What several benchmarks need: a broker with topics, simulated events in it, and a warm text cache."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.inputs import input_kind
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.settings import Secret, Settings
from liveprofile.streams.simulator.simulator import Simulator

MODEL = Path(__file__).resolve().parents[1] / ".liveprofile" / "model"
SEED, USERS = 7, 5_000


@dataclass(frozen=True)
class Shop:
    """A broker of the benchmark's own, and the settings of an application on it."""

    bootstrap: str
    settings: Settings
    topics: Topics

    @property
    def clicks(self) -> str:
        """The topic of clicks."""
        return next(topic for topic in self.topics.inputs if input_kind(topic) == "clicks")

    async def send(self, count: int) -> list[bytes]:
        """Write so many simulated events to the input topics; returns their ids, in the order of sending."""
        ids: list[bytes] = []
        async with Sender(self.bootstrap, self.topics.inputs) as sender:
            for at, event in enumerate(islice(Simulator(SEED, USERS).events(), count)):
                sender.add(event.topic, event.key, event.value(), now_ms(), replayed=True)
                ids.append(event.event_id)
                if at % 2_000 == 0:
                    await sender.send()
        return ids


@contextmanager
def open_shop(app_id: str = "bench", partitions: int = 4) -> Iterator[Shop]:
    """A fresh broker with all topics, in a temporary folder that goes with it."""
    if not MODEL.is_dir():
        raise SystemExit(f"There is no exported model in {MODEL}: run make setup.")
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder) / "broker") as broker:
        shop = shop_on(broker.bootstrap, folder, app_id, partitions)
        asyncio.run(create_topics(broker.bootstrap, shop.topics))
        yield shop


def shop_on(bootstrap: str, folder: str, app_id: str, partitions: int) -> Shop:
    """The shop of a broker that runs, for another process too."""
    settings = Settings(
        app_id=app_id,
        bootstrap=bootstrap,
        data_dir=folder,
        model_dir=str(MODEL),
        partitions=partitions,
        pseudonym_key=Secret("a key for benchmarks only"),
    )
    return Shop(bootstrap, settings, settings.topics)
