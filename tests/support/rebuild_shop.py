"""A shop whose profiles are rebuilt: its workers, its traffic, and what stands in its topics."""

import asyncio
import subprocess
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import orjson

from liveprofile.models.manifest import Manifest
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import decode_rows
from liveprofile.streams.admin.rebuild import Status, status
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.simulator.simulator import Simulator
from support.topics_now import latest, live_facts, waiting
from support.warm import Forked
from support.worker import Workers, environment_of

EVENTS = 3_000
DRAIN_S = 120.0
DIMS = Policy().dims


class RebuildShop:
    """An application whose state may be in any generation."""

    def __init__(self, bootstrap: str, topics: Topics, model_folder: Path, folder: Path) -> None:
        self.bootstrap, self.topics, self.folder = bootstrap, topics, folder
        self.model_id = Manifest.load(model_folder).model_id
        self._events = Simulator(seed=5, users=400).events()
        self.workers = Workers(
            environment_of(
                bootstrap,
                topics,
                model_folder,
                folder,
                PROFILE__TICK_S="1",
                LEARN__FIRST_MODEL_AFTER="100",
                LEARN__MODEL_EVERY="1000",
            ),
            folder,
        )

    async def send(self, count: int = EVENTS, per_s: float = 0.0, until: Callable[[], bool] = lambda: False) -> None:
        """Write simulated events to the input topics, at once or at a rate; fewer if what `until` asks comes true."""
        async with Sender(self.bootstrap, self.topics.inputs) as sender:
            for at, event in enumerate(islice(self._events, count), 1):
                sender.add(self.topics.prefix + event.topic, event.key, event.value(), now_ms(), replayed=True)
                if per_s and at % 20 == 0:
                    if until():
                        break
                    await sender.send()
                    await asyncio.sleep(20 / per_s)
            await sender.send()

    async def drained(self) -> None:
        """Wait until no record of inputs and activity waits, but for a tick."""
        deadline = time.monotonic() + DRAIN_S
        while (count := await waiting(self.bootstrap, self.topics)) > self.topics.partitions:
            assert time.monotonic() < deadline, f"{count} records still wait"
            await asyncio.sleep(0.2)

    async def status(self) -> Status:
        """How far the rebuild is."""
        return await status(self.bootstrap, self.topics)

    async def until(self, holds: Callable[[Status], bool], within_s: float = 120.0) -> Status:
        """Wait until the status is as wanted."""
        deadline = time.monotonic() + within_s
        while not holds(found := await self.status()):
            late = time.monotonic() > deadline or self.workers.running[-1].poll() not in (None, 0, -9)
            assert not late, f"{found}\n{self.workers.log().read_text()[-3000:]}"
            await asyncio.sleep(0.1)
        return found

    async def ended(self, process: Forked, code: int, within_s: float = 120.0) -> str:
        """Wait until a process has ended with this exit code; gives what it has said."""
        number = self.workers.running.index(process)
        try:
            found = await asyncio.to_thread(process.wait, within_s)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"process {number} has not ended in {within_s:g} s\n{self.told()}") from error
        told = self._log(number).read_text()
        assert found == code, told[-4000:]
        return told

    def told(self) -> str:
        """The last that each process has said."""
        logs = (
            f"--- process {number}\n{self._log(number).read_text()[-3000:]}"
            for number in range(len(self.workers.running))
        )
        return "\n".join(logs)

    def _log(self, number: int) -> Path:
        return self.folder / f"worker-{number}.log"

    async def rows(self, generation: int) -> dict[bytes, tuple[int, int]]:
        """Version and number of events of all profiles that a generation of the state has."""
        found: dict[bytes, tuple[int, int]] = {}
        for number in range(self.topics.partitions):
            records = await latest(self.bootstrap, self.topics.state_of(generation), number)
            records = {key: value for key, value in records.items() if not key.startswith(b"\x00")}
            if records:
                rows = decode_rows(list(records.values()), DIMS)
                found |= dict(
                    zip(records, zip(rows["version"].tolist(), rows["events"].tolist(), strict=True), strict=True)
                )
        return found

    async def shown(self) -> dict[bytes, int]:
        """The versions of all snapshots on `profiles`."""
        versions: dict[bytes, int] = {}
        for number in range(self.topics.partitions):
            found = await latest(self.bootstrap, self.topics.profiles, number)
            versions |= {key: orjson.loads(value)["version"] for key, value in found.items()}
        return versions

    async def published(self) -> dict[bytes, list[int]]:
        """The versions of all changes, by profile, in ascending order."""
        versions: dict[bytes, list[int]] = {}
        for payload in (await live_facts(self.bootstrap, self.topics)).values():
            change = orjson.loads(payload)
            if "version" in change:
                versions.setdefault(change["profile_id"].encode(), []).append(change["version"])
        return {key: sorted(found) for key, found in versions.items()}
