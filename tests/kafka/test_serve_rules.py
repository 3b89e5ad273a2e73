"""Rules published over HTTP on a real Kafka: workers move profiles by them, and the history says who moved whom."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from support.paths import ROOT
from support.rules import rule_text
from support.worker import Workers

from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.contract.topics import Topics

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

WAIT_S = 90
STATES = (("here", "events >= 1"),)


class Service:
    """`liveprofile serve` as users run it, asked with a token."""

    def __init__(self, names: dict[str, str], *scopes: str) -> None:
        self._environment = os.environ | names | {"PYTHONPATH": str(ROOT)}
        options = [word for scope in scopes for word in ("--scope", scope)]
        made = subprocess.run(
            [sys.executable, "-m", "liveprofile", "token", "create", "marketing", *options],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        self._token, self._port = next(word for word in made.stdout.split() if word.startswith("lp_")), free_port()

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, "-m", "liveprofile", "serve", "--port", str(self._port)]
        process = subprocess.Popen(command, env=self._environment)
        try:
            until(lambda: self.ask("/readyz", raw=True)[0] == 200)
            yield
        finally:
            process.terminate()
            process.wait(60)

    def ask(self, path: str, body: Any = None, match: str = "", raw: bool = False) -> tuple[int, Any]:
        """Status and answer; status 0 for none."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        headers |= {"If-Match": match} if match else {}
        data = json.dumps(body).encode() if body is not None else None
        try:
            url = f"http://127.0.0.1:{self._port}{path}"
            with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
                return answer.status, None if raw else json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, None if raw else json.load(error)
        except OSError:
            return 0, None

    def sizes(self) -> dict[str, int]:
        """Members by segment."""
        found: dict[str, int] = (self.ask("/v1/segments")[1] or {}).get("segments", {})
        return found

    def tag(self) -> str:
        """The ETag of the rules in force."""
        return str(self.ask("/v1/rules")[1]["etag"])


def until(holds: Callable[[], bool]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


async def test_an_edit_moves_profiles_and_the_history_says_whom(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=2)
    names = {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PARTITIONS": "2",
        "LIVEPROFILE_DATA_DIR": str(tmp_path),
        "LIVEPROFILE_MODEL_DIR": str(model_folder),
        "LIVEPROFILE_PSEUDONYM_KEY": "a key for tests only",
    }
    workers = Workers(names, tmp_path)
    service = Service(names, "segment:read", "segment:write", "stream:read", "profile:read")
    try:
        worker = await asyncio.to_thread(workers.start, "ingest,profile")
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            for number in range(12):
                click = {"user_id": f"u-{number}", "title": "Red Vase", "category": "home/decor", "action": "cart"}
                for _ in range(1 + 3 * (number % 2)):
                    await producer.send(topics.clicks, orjson.dumps(click), key=b"k")
            await producer.send_and_wait(topics.clicks, orjson.dumps({"user_id": "u-1", "action": "secret"}))
        with service.running():
            await asyncio.to_thread(the_life_of_an_edit, service)
        await asyncio.to_thread(workers.stop, worker)
    finally:
        workers.kill_all()


def the_life_of_an_edit(service: Service) -> None:
    """Read, try, publish, see who moved, lose against a colleague, take back."""
    until(lambda: service.ask("/v1/segments")[1].get("profiles") == 12)
    stale, text = service.tag(), rule_text("session.carts >= 3", states=STATES, version=2)
    tried = service.ask("/v1/rules:preview", {"toml": text})[1]
    assert (tried["profiles"], tried["segments"]["s0"]["enter"], tried["not_tried"]) == (12, 6, {})
    status, done = service.ask("/v1/rules", {"toml": text}, match=stale)
    assert (status, done["rules"], done["by"], done["partitions"]) == (202, "test@2", "marketing", 2)
    until(lambda: service.sizes().get("s0") == 6)
    status, problem = service.ask("/v1/rules", {"toml": text.replace("= 2", "= 3")}, match=stale)
    assert (status, problem["type"]) == (412, "/v1/problems/changed-meanwhile")
    until(lambda: service.ask("/v1/rules/history")[1]["edits"][0]["entered"] == 6)
    [edit] = service.ask("/v1/rules/history")[1]["edits"]
    assert (edit["published"]["by"], edit["left"], edit["segments"]["s0"]) == (
        "marketing",
        0,
        {"entered": 6, "left": 0},
    )
    member = service.ask("/v1/segments/s0/members")[1]["members"][0]["profile_id"]
    moments = service.ask(f"/v1/profiles/{member}/timeline")[1]["moments"]
    assert [(one["cause"], one["rules"]) for one in moments if one["path"] == "segments"] == [("rules", "test@2")]
    status, undone = service.ask("/v1/rules:undo", {}, match=service.tag())
    assert (status, undone["rules"].partition("@")[0], undone["restores"]) == (202, "starter", "starter@1")
    until(lambda: service.sizes().get("s0") == 0)
    until(lambda: service.ask("/v1/rules/history")[1]["edits"][0]["segments"].get("s0") == {"entered": 0, "left": 6})
    what_workers_do(service)


def what_workers_do(service: Service) -> None:
    """Streams and refused records of the same shop."""
    streams = service.ask("/v1/streams")[1]
    assert len(streams["status"]["workers"]) == 1 and streams["topics"][0]["records"] >= 0
    until(lambda: service.ask("/v1/streams")[1]["topics"][0]["records_per_s"] is not None)
    until(lambda: service.ask("/v1/refused")[1]["total"] == 1)
    [sample] = service.ask("/v1/refused")[1]["samples"]
    assert (sample["reason"], sample["source"].endswith("clicks")) == ("unknown-action", True)
