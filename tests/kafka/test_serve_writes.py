"""Whoever writes an event over HTTP reads a profile with it, through kills of the worker and of the service."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from support.paths import ROOT
from support.topics_now import records_of
from support.worker import Workers, environment_of

from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.contract.topics import Topics

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

READY_S = 90
PATIENCE_S = 60
"""After a kill: a worker has to start, join and load."""


class Application:
    """A worker and a query service of one application."""

    def __init__(self, bootstrap: str, topics: Topics, model_folder: Path, folder: Path) -> None:
        self.bootstrap, self.topics, self.port = bootstrap, topics, free_port()
        self.environment = environment_of(
            bootstrap, topics, model_folder, folder, WORKER__INSTANCE_ID="writes-test", SERVE__PORT=str(self.port)
        )
        self.workers = Workers(self.environment, folder)
        self.serving: subprocess.Popen[bytes] | None = None

    def start_worker(self) -> None:
        self.worker = self.workers.start("ingest,profile")

    def start_service(self) -> None:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        environment = os.environ | self.environment | {"PYTHONPATH": path}
        self.serving = subprocess.Popen([sys.executable, "-m", "liveprofile", "serve"], env=environment)
        give_up_s = time.monotonic() + READY_S
        while not self.is_ready():
            assert self.serving.poll() is None and time.monotonic() < give_up_s
            time.sleep(0.1)

    def is_ready(self) -> bool:
        try:
            return self.ask("GET", "/readyz", probe=True)[0] == 200
        except OSError:
            return False

    def kill_service(self) -> None:
        assert self.serving is not None
        self.serving.send_signal(signal.SIGKILL)
        self.serving.wait()

    def ask(
        self, method: str, path: str, body: Any = None, probe: bool = False, **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body of an answer."""
        raw = json.dumps(body).encode() if body is not None else None
        sent = {name.replace("_", "-"): text for name, text in headers.items()} | {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", raw, sent, method=method)
        try:
            answer = urllib.request.urlopen(asked, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read()
            return (
                answer.status,
                {key.lower(): value for key, value in answer.headers.items()},
                (None if probe else json.loads(text)),
            )

    def write(self, user: str, number: int) -> str:
        """A click; its token. Repeated with its key until it is durable."""
        body = {"topic": "clicks", "user_id": user, "item_id": f"i-{number % 3}", "category": "shoes"}
        give_up_s = time.monotonic() + PATIENCE_S
        while True:
            status, headers, found = self.ask("POST", "/v1/events", body, Idempotency_Key=f"{user}-{number}")
            if status == 202:
                return headers["liveprofile-token"]
            assert status == 503 and time.monotonic() < give_up_s, found
            time.sleep(0.2)

    def read(self, user: str, token: str) -> int:
        """The events in a shopper's profile, by a read that has to wait for the token."""
        give_up_s = time.monotonic() + PATIENCE_S
        while True:
            status, _, found = self.ask(
                "POST", "/v1/profiles:lookup", {"user_id": user}, Liveprofile_After=token, Prefer="wait=5"
            )
            if status == 200:
                return int(found["events"]["total"])
            assert found["type"].endswith("not-up-to-position"), found
            assert time.monotonic() < give_up_s, found
            time.sleep(0.05)

    def end(self) -> None:
        if self.serving is not None and self.serving.poll() is None:
            self.kill_service()
        self.workers.kill_all()


@pytest.fixture
async def application(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> AsyncIterator[Application]:
    opened = Application(bootstrap, await new_topics(partitions=3), model_folder, tmp_path)
    await asyncio.to_thread(opened.start_worker)
    await asyncio.to_thread(opened.start_service)
    yield opened
    await asyncio.to_thread(opened.end)


async def test_a_read_with_a_token_has_the_event_through_kills_of_worker_and_service(application: Application) -> None:
    stale, times_ms = 0, []

    def write_and_read(number: int) -> None:
        nonlocal stale
        user = f"u-{number % 5}"
        began_s = time.perf_counter()
        token = application.write(user, number)
        written[user] = written.get(user, 0) + 1
        stale += application.read(user, token) != written[user]
        times_ms.append((time.perf_counter() - began_s) * 1000)

    def run() -> None:
        for number in range(100):
            write_and_read(number)
            if number == 30:
                application.workers.kill(application.worker)
                token = application.write("u-0", 1_000)
                written["u-0"] += 1
                application.kill_service()
                application.start_service()
                application.start_worker()
                assert application.read("u-0", token) == written["u-0"]
            if number in (50, 70):
                application.kill_service()
                application.start_service()

    written: dict[str, int] = {}
    await asyncio.to_thread(run)
    steady = sorted(times_ms[5:30])
    print(f"write and read: p50 {steady[len(steady) // 2]:.0f} ms, longest {steady[-1]:.0f} ms of {len(steady)}")
    assert stale == 0 and sum(written.values()) == 101
    snapshots = [one async for one in records_of(application.bootstrap, application.topics.profiles, 3)]
    assert len(snapshots) >= 101, "an event that was to be read gave no snapshot"


async def test_without_the_header_a_click_of_which_nothing_is_said_has_no_snapshot(application: Application) -> None:
    async with AIOKafkaProducer(bootstrap_servers=application.bootstrap) as producer:
        for number in range(3):
            event = {"user_id": "quiet", "item_id": "i-1", "category": "shoes"}
            where = await producer.send_and_wait(application.topics.clicks, json.dumps(event).encode(), key=b"quiet")
            token = f"{application.topics.clicks}/{where.partition}@{where.offset}"
            status, _, found = await asyncio.to_thread(
                application.ask,
                "POST",
                "/v1/profiles:lookup",
                {"user_id": "quiet"},
                Liveprofile_After=token,
                Prefer="wait=10",
            )
            assert status == 200 and found["version"] >= 1, found
            print(f"after {number + 1} clicks without the header the snapshot has {found['events']['total']}")
    snapshots = [one async for one in records_of(application.bootstrap, application.topics.profiles, 3)]
    assert len(snapshots) < 3


async def test_a_batch_is_in_the_read_and_an_erasure_is_applied(application: Application) -> None:
    def run() -> None:
        clicks = [
            {"topic": "clicks", "user_id": f"many-{n}", "item_id": f"i-{n}", "category": "shoes"} for n in range(20)
        ]
        status, headers, _ = application.ask("POST", "/v1/events", clicks)
        assert status == 202
        assert all(application.read(f"many-{n}", headers["liveprofile-token"]) == 1 for n in range(20))
        status, _, found = application.ask("POST", "/v1/profiles:erase", {"user_id": "many-3"})
        assert status == 202 and found["before"] == "profile"
        assert {"profiles", "profile-changes"} <= {
            one["topic"].removeprefix(application.topics.prefix) for one in found["deadlines"]
        }
        give_up_s = time.monotonic() + PATIENCE_S
        while application.ask("POST", "/v1/profiles:lookup", {"user_id": "many-3"})[0] != 410:
            assert time.monotonic() < give_up_s
            time.sleep(0.1)

    await asyncio.to_thread(run)
