"""Explain on a real Kafka: facts and activities of the engine, asked about from the command line."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from support.offline import PartitionState, shop, wiring
from support.secured.suite import suite_broker

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.contract.topics import Topics

pytestmark = pytest.mark.kafka
TOPICS = Topics(partitions=2)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> PartitionState:
    """What the stages said of a small shop."""
    return asyncio.run(_told(tmp_path_factory.mktemp("engine")))


async def _told(folder: Path) -> PartitionState:
    kept = PartitionState()
    async with Engine(wiring(folder, partitions=2), output=kept) as engine:
        await engine.run(shop(3_000, users=20))
        await engine.checkpoint()
    return kept


@pytest.fixture(scope="module")
def kafka(kept: PartitionState, tmp_path_factory: pytest.TempPathFactory):
    with suite_broker(tmp_path_factory.mktemp("broker")) as running:
        asyncio.run(create_topics(running.bootstrap, TOPICS))
        asyncio.run(_write(running.bootstrap, kept))
        yield running.bootstrap


async def _write(bootstrap: str, kept: PartitionState) -> None:
    wanted = {TOPICS.activity, TOPICS.profile_changes, TOPICS.profile_anomalies, TOPICS.profiles}
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for (topic, number), records in kept.records.items():
            for one in records if topic in wanted else ():
                await producer.send(topic, one.value, key=one.key, partition=number, headers=list(one.headers))


def explain(kafka: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "liveprofile", "--bootstrap", kafka, "explain", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def last_published(kept: PartitionState, path: str) -> tuple[str, dict]:
    """Profile and record of the last change of a path."""
    records = [json.loads(value) for value in kept.values(TOPICS.profile_changes) if value]
    found = next(r for r in reversed(records) if any(one["path"] == path for one in r["changes"]))
    return found["profile_id"], found


def test_a_change_is_explained_with_what_its_events_were(kafka: str, kept: PartitionState) -> None:
    profile, record = last_published(kept, "interests.session")
    answer = json.loads(explain(kafka, profile, "interests.session", "--json").stdout)["answers"][0]
    assert answer["version"] == record["version"]
    assert answer["value"] == next(c["after"] for c in record["changes"] if c["path"] == "interests.session")
    assert all(one["events"] for one in answer["evidence"])
    shown = explain(kafka, profile[:12], "interests.session").stdout
    assert "Because  INTEREST" in shown
    assert answer["words"].split(":")[0] in " ".join(shown.split())


def test_a_wrong_path_an_unknown_profile_and_silence_are_each_told_clearly(kafka: str, kept: PartitionState) -> None:
    profile, _ = last_published(kept, "interests.session")
    wrong, nobody = explain(kafka, profile, "interests.sesion"), explain(kafka, "f" * 32, "brands")
    early = explain(kafka, profile, "interests.session", "--at", "2020-01-01T00:00:00Z")
    assert "Did you mean interests.session" in wrong.stderr
    assert "No profile starts with" in nobody.stderr
    assert "No change of interests.session was published until 2020" in early.stderr
    assert (wrong.returncode, nobody.returncode, early.returncode) == (2, 5, 2)


def test_anomalies_are_explained(kafka: str, kept: PartitionState) -> None:
    raised = json.loads(kept.values(TOPICS.profile_anomalies)[0] or b"")
    shown = explain(kafka, raised["profile_id"], "anomalies")
    assert raised["reading"].split(":")[0] in " ".join(shown.stdout.split())
    assert "Evidence" in shown.stdout or "what it was" in shown.stdout
