"""`worker --processes` on a real broker: partitions are shared, names last, nobody is left behind, ends are told."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from support.paths import ROOT

from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.simulator.simulator import Simulator

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

PATIENCE_S = 120.0
SESSION_S = 30
"""Longer than any restart here takes: what comes back before its end has its partitions without a rebalance."""
ALL_READY = "2 of 2 processes ready"
REBALANCE = "worker not ready: the group shares its partitions out again"


class Command:
    """A running `liveprofile worker --processes 2`."""

    def __init__(self, bootstrap: str, topics: Topics, folder: Path, model: Path) -> None:
        self.log, self.ready = folder / "log", folder / "ready"
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "LIVEPROFILE_APP_ID": topics.app_id,
            "LIVEPROFILE_BOOTSTRAP": bootstrap,
            "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
            "LIVEPROFILE_PARTITIONS": str(topics.partitions),
            "LIVEPROFILE_DATA_DIR": str(folder / "data"),
            "LIVEPROFILE_MODEL_DIR": str(model),
            "LIVEPROFILE_PSEUDONYM_KEY": "a key for tests only",
            "LIVEPROFILE_LOG__FORMAT": "json",
            "LIVEPROFILE_WORKER__INSTANCE_ID": "w",
            "LIVEPROFILE_WORKER__SESSION_TIMEOUT_S": str(SESSION_S),
        }
        words = ["worker", "--processes", "2", "--ready-file", str(self.ready)]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "liveprofile", *words], env=environment, stdout=output, stderr=output
            )

    def children(self) -> list[psutil.Process]:
        """The worker processes, by instance id."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        return sorted(found, key=lambda one: one.environ()["LIVEPROFILE_WORKER__INSTANCE_ID"])

    def lines(self) -> list[dict[str, Any]]:
        """What was logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def said(self, event: str) -> int:
        """How often something was logged."""
        return sum(line["event"] == event for line in self.lines())

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds. AssertionError with the log if the supervisor ends before or it takes long."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            late = self.process.poll() is not None or time.monotonic() > deadline
            assert not late, self.log.read_text()[-4_000:]
            await asyncio.sleep(0.1)

    def end(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(60)


Start = Callable[[Topics], Command]


@pytest.fixture
def start(bootstrap: str, tmp_path: Path, model_folder: Path) -> Iterator[Start]:
    """Starts the command; what is left of it at the end is killed."""
    started: list[Command] = []

    def begin(topics: Topics) -> Command:
        started.append(Command(bootstrap, topics, tmp_path, model_folder))
        return started[-1]

    yield begin
    for one in started:
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(one.process.pid).children(recursive=True):
                child.kill()
        one.process.kill()
        one.process.wait()


async def send(bootstrap: str, topics: Topics, count: int) -> None:
    """Simulated events into the inputs."""
    async with Sender(bootstrap, topics.inputs) as sender:
        for event, _ in zip(Simulator(7, 200).events(), range(count), strict=False):
            sender.add(topics.prefix + event.topic, event.key, event.value(), now_ms(), replayed=True)


async def waiting(bootstrap: str, topics: Topics) -> int:
    """Records of inputs that are not committed."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await consumer.start()
    await admin.start()
    try:
        places = [TopicPartition(name, number) for name in topics.inputs for number in range(topics.partitions)]
        ends = await consumer.end_offsets(places)
        committed = await admin.list_consumer_group_offsets(topics.group)
        return sum(end - max(0, committed[at].offset if at in committed else 0) for at, end in ends.items())
    finally:
        await admin.close()
        await consumer.stop()


async def test_two_processes_share_the_work_and_a_killed_one_is_back_without_a_rebalance(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], start: Start
) -> None:
    topics = await new_topics(partitions=4)
    await send(bootstrap, topics, 1_000)
    command = start(topics)
    await command.until(command.ready.exists)
    owners = {line["partition"]: line["instance"] for line in command.lines() if line["event"] == "profiles loaded"}
    assert sorted(owners.values()) == ["w-1", "w-1", "w-2", "w-2"]
    rebalances, all_ready = command.said(REBALANCE), command.said(ALL_READY)  # who joins later may cause one

    first, second = command.children()
    first.kill()
    await command.until(lambda: command.said(ALL_READY) == all_ready + 1)
    back, same = command.children()
    assert (back.pid != first.pid, same.pid) == (True, second.pid)
    assert command.said(REBALANCE) == rebalances
    assert command.ready.exists()

    await send(bootstrap, topics, 500)
    command.process.send_signal(signal.SIGUSR1)
    await command.until(lambda: command.said("rolling restart done") == 1)
    assert not {one.pid for one in command.children()} & {back.pid, same.pid}
    assert command.said(REBALANCE) == rebalances
    async with asyncio.timeout(60):
        while await waiting(bootstrap, topics):  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.3)

    assert command.end() == 0
    assert await waiting(bootstrap, topics) == 0
    assert command.said("worker stopped") == 4  # two predecessors and two successors; the killed one said nothing
    assert not command.ready.exists()


async def test_a_supervisor_that_is_killed_leaves_nobody_behind(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], start: Start
) -> None:
    topics = await new_topics(partitions=2)
    command = start(topics)
    await command.until(command.ready.exists)
    children = command.children()
    command.process.kill()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, children, 30)
    assert (len(gone), alive) == (2, [])
    assert command.said("worker stopped") == 2


async def test_what_a_person_has_to_put_right_ends_all_with_its_exit_code(app_id: str, start: Start) -> None:
    command = start(Topics(app_id, 2, prefix=f"{app_id}-"))
    assert await asyncio.to_thread(command.process.wait, PATIENCE_S) == 3
    assert "liveprofile topics create" in command.log.read_text()
