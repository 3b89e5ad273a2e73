"""The query service on a real Kafka: it catches up, goes on after a kill, pushes, and forgets who is erased."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families
from support.paths import ROOT
from support.serving import change, snapshot
from support.serving_fakes import profile_id

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.metrics.catalogue import CATALOGUE
from liveprofile.streams.metrics.metric import PREFIX

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

TOPICS = Topics(partitions=4)
PROFILES = 200
READY_S = 90


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of this module's own: the output topics have fixed names."""
    with Broker(tmp_path_factory.mktemp("broker")) as running:
        asyncio.run(create_topics(running.bootstrap, TOPICS))
        write(running.bootstrap, [(TOPICS.profiles, number, snapshot(number)) for number in range(PROFILES)])
        yield running.bootstrap


def write(bootstrap: str, records: list[tuple[str, int, Any]]) -> None:
    """Records of profiles by their numbers, in order."""

    async def send() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
        await producer.start()
        for topic, number, value in records:
            raw = json.dumps(value).encode() if value is not None else None
            await producer.send_and_wait(topic, raw, key=profile_id(number).encode())
        await producer.stop()

    asyncio.run(send())


class Process:
    """`liveprofile serve` as users run it."""

    def __init__(self, kafka: str, folder: Path) -> None:
        self.port = free_port()
        self.command = [sys.executable, "-m", "liveprofile", "--bootstrap", kafka, "--data-dir", str(folder), "serve"]
        self.command += ["--port", str(self.port)]
        self.running: subprocess.Popen[str] | None = None

    def start(self) -> None:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.running = subprocess.Popen(
            self.command, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
        )
        give_up_s = time.monotonic() + READY_S
        while not self.is_ready():
            assert self.running.poll() is None and time.monotonic() < give_up_s
            time.sleep(0.1)

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Exit code, and what it said on standard error."""
        assert self.running is not None
        self.running.send_signal(number)
        said = self.running.communicate(timeout=60)[1]
        return self.running.returncode, said

    def get(self, path: str, **headers: str) -> Any:
        with self.open(path, **headers) as answer:
            return json.load(answer)

    def open(self, path: str, **headers: str) -> Any:
        url = f"http://127.0.0.1:{self.port}{path}"
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30)

    def is_ready(self) -> bool:
        try:
            return bool(self.open("/readyz").status == 200)
        except OSError:
            return False


@pytest.fixture
def serve(kafka: str, tmp_path: Path) -> Iterator[Process]:
    """A running service with a store of its own."""
    process = Process(kafka, tmp_path)
    process.start()
    yield process
    if process.running is not None and process.running.poll() is None:
        process.end(signal.SIGKILL)


def frames(serve: Process, count: int, last_id: str = "") -> list[dict[str, str]]:
    """The first frames of the stream with an id."""
    found: list[dict[str, str]] = []
    with serve.open("/v1/stream", **({"Last-Event-ID": last_id} if last_id else {})) as answer:
        frame: dict[str, str] = {}
        while len(found) < count:
            name, _, text = answer.readline().decode().strip().partition(": ")
            if name:
                frame[name] = text
            else:
                found += [frame] if "id" in frame else []
                frame = {}
    return found


def test_it_has_everything_goes_on_after_a_kill_and_ends_cleanly(kafka: str, serve: Process) -> None:
    assert serve.get("/v1/segments")["segments"] == {"vip": PROFILES}
    serve.end(signal.SIGKILL)
    write(kafka, [(TOPICS.profiles, 3, snapshot(3, version=2))])
    serve.start()
    assert serve.get("/v1/segments")["profiles"] == PROFILES
    found = serve.get(f"/v1/profiles/{profile_id(3)}")
    assert found["version"] == 2
    code, said = serve.end(signal.SIGTERM)
    assert code == 0 and "Traceback" not in said and "ready: http://127.0.0.1" in said


def test_a_client_of_the_stream_misses_nothing_while_the_service_is_killed(kafka: str, serve: Process) -> None:
    [live] = frames(serve, 1)
    write(kafka, [(TOPICS.profile_changes, number, change(number, 1, "brands", [], ["a"])) for number in range(20, 30)])
    first = frames(serve, 6, live["id"])
    serve.end(signal.SIGKILL)
    write(kafka, [(TOPICS.profile_changes, number, change(number, 1, "brands", [], ["a"])) for number in range(30, 40)])
    serve.start()
    second = frames(serve, 20 - 6 + 1, first[-1]["id"])
    told = [json.loads(one["data"])["profile_id"] for one in first + second if one["event"] == "change"]
    assert sorted(told) == [profile_id(number) for number in range(20, 40)]


def command_of_token(serve: Process, *words: str) -> str:
    """What `liveprofile token` printed."""
    command = [*serve.command[: serve.command.index("serve")], "token", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_stream_ends_within_seconds_of_its_token(serve: Process) -> None:
    token = command_of_token(serve, "create", "crm", "--scope", "profile:read")
    assert command_of_token(serve, "create", "other", "--scope", "profile:read")
    time.sleep(1.5)  # a running service looks at the file once a second
    with serve.open("/v1/stream", Authorization=f"Bearer {token}") as answer:
        assert b"retry" in answer.readline()
        command_of_token(serve, "revoke", "crm")
        began_s = time.monotonic()
        answer.read()
    assert time.monotonic() - began_s < 15
    with pytest.raises(urllib.error.HTTPError, match="401"):
        serve.open("/v1/stream", Authorization=f"Bearer {token}")


def test_an_erased_profile_is_gone_and_said_to_be(kafka: str, serve: Process) -> None:
    write(kafka, [(TOPICS.profiles, 150, None)])
    give_up_s = time.monotonic() + 20
    while True:
        try:
            serve.get(f"/v1/profiles/{profile_id(150)}")
        except urllib.error.HTTPError as error:
            assert json.load(error)["type"] == "/v1/problems/erased"
            break
        assert time.monotonic() < give_up_s
        time.sleep(0.05)


def test_a_scrape_has_the_series_of_the_service_and_no_id(kafka: str, serve: Process) -> None:
    serve.get(f"/v1/profiles/{profile_id(7)}")
    frames(serve, 1)
    with serve.open("/metrics") as answer:
        text = answer.read().decode()
    names = {family.name for family in text_string_to_metric_families(text) if family.name.startswith(PREFIX)}
    documented = {one.full_name.removesuffix("_total") for one in CATALOGUE if "serve" in one.process}
    assert documented - names <= {f"{PREFIX}alert_budget_ratio"}, "nobody was active today"
    assert names <= documented
    assert f'liveprofile_serve_lag_seconds{{partition="3",topic="{TOPICS.profiles}"}}' in text
    assert profile_id(7) not in text


def test_a_port_that_is_taken_is_said_with_what_to_do(kafka: str, serve: Process, tmp_path: Path) -> None:
    other = subprocess.run(serve.command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert other.returncode == 2 and "Traceback" not in other.stderr
    assert f"127.0.0.1:{serve.port}" in other.stderr and "--port" in other.stderr
