"""The command `segments` and a real worker: rules are tried, published, and obeyed by a worker that goes on running."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from support.rules import rule_text
from support.topics_now import waiting
from support.worker import Workers

from liveprofile.streams.contract.topics import Topics

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

PARTITIONS = 2
KEY = "a key for tests only"


def environment(bootstrap: str, topics: Topics, folder: Path, model_folder: Path) -> dict[str, str]:
    return {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PARTITIONS": str(PARTITIONS),
        "LIVEPROFILE_DATA_DIR": str(folder),
        "LIVEPROFILE_MODEL_DIR": str(model_folder),
        "LIVEPROFILE_PSEUDONYM_KEY": KEY,
    }


def liveprofile(names: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "liveprofile", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **names, "COLUMNS": "160"},
    )


async def settled(bootstrap: str, topics: Topics, shown: Callable[[], Any], wanted: Any) -> None:
    """Wait until everything is folded, and shown as wanted."""
    deadline = time.monotonic() + 90
    while await waiting(bootstrap, topics) or await asyncio.to_thread(shown) != wanted:
        assert time.monotonic() < deadline, f"shown is {shown()}, not {wanted}"
        await asyncio.sleep(0.5)


async def test_rules_are_tried_and_published_without_a_restart(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=PARTITIONS)
    names = environment(bootstrap, topics, tmp_path, model_folder)
    workers = Workers(names, tmp_path)
    file, wrong = tmp_path / "mine.toml", tmp_path / "wrong.toml"
    file.write_text(rule_text("session.carts >= 3", states=(("here", "events >= 1"),), version=2))
    wrong.write_text(rule_text("sesion.carts >= 3"))

    def segments() -> list[str]:
        told = liveprofile(names, "show", "--user", "u-1", "--json")
        return [one["name"] for one in orjson.loads(told.stdout)["segments"]] if told.returncode == 0 else ["nobody"]

    try:
        worker = await asyncio.to_thread(workers.start, "ingest,profile")
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            for _ in range(4):
                click = {"user_id": "u-1", "title": "Red Vase", "category": "home/decor", "action": "cart"}
                await producer.send(topics.clicks, orjson.dumps(click), key=b"k")
        await settled(bootstrap, topics, segments, [])

        found = orjson.loads(liveprofile(names, "segments", "preview", str(file), "--json").stdout)
        assert (found["profiles"], found["segments"]["s0"]["enter"], found["states"]["here"]["enter"]) == (1, 1, 1)
        refused = liveprofile(names, "segments", "publish", str(wrong))
        assert (refused.returncode, "there is no feature" in refused.stderr) == (3, True)

        done = liveprofile(names, "segments", "publish", str(file))
        assert (done.returncode, done.stdout) == (
            0,
            "published test@2 to 2 partitions: running workers apply them within seconds\n",
        )
        await settled(bootstrap, topics, segments, ["s0"])
        again = orjson.loads(liveprofile(names, "segments", "preview", str(file), "--json").stdout)
        assert (again["segments"]["s0"]["stay"], again["segments"]["s0"]["enter"]) == (1, 0)
        assert liveprofile(names, "segments", "list", "--toml").stdout == file.read_text()
        await asyncio.to_thread(workers.stop, worker)
    finally:
        workers.kill_all()
