"""The programs in examples/ run as their help says, on a real Kafka."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from support.paths import ROOT
from support.samples import anomaly, changed
from support.secured.suite import startup_path, suite_broker

from liveprofile import ProfileChanged, Topics
from liveprofile.profiles.facts.facts import Change, Code, Reason
from liveprofile.streams.admin.topics import create_topics

pytestmark = pytest.mark.kafka
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
ANNA = "a" * 32


def run(name: str, *words: str) -> str:
    """What an example prints; the test fails if it does."""
    command = [sys.executable, str(ROOT / "examples" / name), *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=200, env=os.environ | {"PYTHONPATH": startup_path()}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory):
    """A broker of their own: examples use the topics' usual names."""
    with suite_broker(tmp_path_factory.mktemp("broker")) as running:
        asyncio.run(create_topics(running.bootstrap, Topics()))
        asyncio.run(_write(running.bootstrap))
        yield running.bootstrap


async def _write(bootstrap: str) -> None:
    joined = Change("segments", "add", [], ["loyal"], Reason(Code.SEGMENT_ENTERED, "loyal@1", 5.0, 6.0))
    records = [
        ("profile-changes", changed(ANNA, 1)),
        ("profile-changes", ProfileChanged(ANNA, 2, "live", [joined], [], {})),
        ("profile-anomalies", anomaly(ANNA, "raised", 1)),
        ("profile-anomalies", anomaly(ANNA, "cleared", 2)),
        ("profile-anomalies", anomaly("b" * 32, "raised", 1)),
    ]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for topic, record in records:
            headers = [("ce_id", record.fact_id.encode()), ("ce_time", b"2026-01-05T12:00:00.000Z")]
            value = msgspec.json.encode(record)
            await producer.send_and_wait(topic, value, key=record.profile_id.encode(), headers=headers)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_has_help_and_takes_a_bootstrap(path: Path) -> None:
    assert "--bootstrap" in run(path.name, "--help")


def test_every_example_is_listed_in_their_readme() -> None:
    readme = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in EXAMPLES if f"[{path.name}]({path.name})" not in readme] == []


def test_a_downstream_consumer_follows_segments_and_does_not_read_twice(kafka: str) -> None:
    first = run("downstream_consumer.py", "--bootstrap", kafka, "--idle", "4")
    assert "aaaaaaaa v2: [] -> ['loyal']" in first
    assert first.endswith("1 profiles with segments\n")
    assert run("downstream_consumer.py", "--bootstrap", kafka, "--idle", "1") == "0 profiles with segments\n"


def test_a_risk_consumer_holds_and_releases(kafka: str) -> None:
    told = run("risk_consumer.py", "--bootstrap", kafka, "--idle", "4")
    assert "HOLD    aaaaaaaa  velocity, severity 60" in told
    assert "RELEASE aaaaaaaa  velocity is over" in told
    assert told.endswith("1 profiles held\n")


def test_a_producer_of_ones_own_writes_what_ingest_accepts_and_the_fold_embeds(kafka: str) -> None:
    assert run("producer.py", "--bootstrap", kafka, "--visits", "2") == "8 events sent for u-1042\n"
    told = run("embedded_fold.py", "--bootstrap", kafka)
    assert "refused" not in told
    assert "after 4 events: home/kitchen" in told


def test_a_profile_is_plotted_from_a_file_of_changes_and_from_kafka(kafka: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    line = {"ce_time": "2026-01-05T12:00:00Z"} | json.loads(msgspec.json.encode(changed(ANNA, 1)))
    (tmp_path / "changes.jsonl").write_text(json.dumps(line) + "\n")
    for source in (("--changes", str(tmp_path / "changes.jsonl")), ("--bootstrap", kafka)):
        picture = tmp_path / "profile.png"
        assert run("plot_profile.py", *source, "--profile", "aa", "--out", str(picture)) == f"{picture}: 1 points\n"
        assert picture.read_bytes().startswith(b"\x89PNG")
        picture.unlink()
