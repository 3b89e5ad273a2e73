"""`liveprofile traffic` and `liveprofile replay` as a person runs them, on a Kafka of their own."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from support.secured.suite import suite_broker, without_blindness

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.contract.topics import Topics

pytestmark = pytest.mark.kafka
PREFIX = "shop-a-"
TOPICS = Topics("feed", 2, PREFIX)
PLAIN = Topics("feed", 2)
"""The topics of another shop on the cluster, which has no prefix."""


@pytest.fixture(scope="module")
def shop_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker with the topics of two shops."""
    with suite_broker(tmp_path_factory.mktemp("feed")) as broker:
        asyncio.run(create_topics(broker.bootstrap, TOPICS))
        asyncio.run(create_topics(broker.bootstrap, PLAIN))
        yield broker.bootstrap


def start(bootstrap: str, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "liveprofile", "--bootstrap", bootstrap, *words]
    environment = os.environ | {"LIVEPROFILE_TOPIC_PREFIX": PREFIX, "LIVEPROFILE_APP_ID": "feed"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finish(process: "subprocess.Popen[str]", code: int = 0) -> tuple[str, str]:
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    return out, err


async def count(bootstrap: str, topics: Topics = TOPICS) -> int:
    """Records in the input topics."""
    places = [TopicPartition(topic, number) for topic in topics.inputs for number in range(topics.partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return sum((await consumer.end_offsets(places)).values())
    finally:
        await consumer.stop()


def test_traffic_sends_as_many_events_as_asked_and_says_what_it_planted(shop_kafka: str, tmp_path: Path) -> None:
    before = asyncio.run(count(shop_kafka))
    truth = tmp_path / "truth.jsonl"
    out, _ = finish(start(shop_kafka, "traffic", "--rate", "0", "--events", "5000", "--labels", str(truth)))
    assert "sent 5,000 events" in out
    assert asyncio.run(count(shop_kafka)) - before == 5_000
    assert asyncio.run(count(shop_kafka, PLAIN)) == 0, "events went to another shop"
    assert {orjson.loads(line)["kind"] for line in truth.read_bytes().splitlines()} >= {"bot", "burst"}


def test_an_interrupted_traffic_ends_well_and_what_it_says_it_sent_has_arrived(shop_kafka: str) -> None:
    before = asyncio.run(count(shop_kafka))
    process = start(shop_kafka, "traffic", "--rate", "300")
    assert process.stderr is not None
    first = process.stderr.readline()
    assert "Ctrl-C ends it" in (without_blindness(first) or process.stderr.readline())
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, _ = finish(process)
    published = int(out.split()[1].replace(",", ""))
    assert published > 50
    assert asyncio.run(count(shop_kafka)) - before == published


def test_a_replay_sends_a_file_and_counts_what_it_skipped(shop_kafka: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    lines = [{"topic": "clicks", "user_id": f"u{n}", "ts": n} for n in range(100)] + [{"topic": "weather"}] * 3
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    before = asyncio.run(count(shop_kafka))
    out, _ = finish(start(shop_kafka, "replay", str(path), "--format", "jsonl", "--shift-to-now"))
    assert "sent 100 records: 100 clicks" in out
    assert "3  topic 'weather' is no input topic" in out
    assert asyncio.run(count(shop_kafka)) - before == 100
    assert asyncio.run(count(shop_kafka, PLAIN)) == 0, "events went to another shop"


def test_a_start_that_is_no_time_is_the_persons_to_fix(shop_kafka: str) -> None:
    _, err = finish(start(shop_kafka, "traffic", "--start", "yesterday"), code=2)
    assert "RFC 3339" in err


def test_two_runs_of_traffic_have_seeds_of_their_own_and_say_them(shop_kafka: str) -> None:
    told = [finish(start(shop_kafka, "traffic", "--rate", "0", "--events", "20", "--users", "20"))[1] for _ in range(2)]
    seeds = [re.search(r"seed (\d+)", one) for one in told]
    assert all(seeds)
    assert seeds[0][1] != seeds[1][1]  # type: ignore[index]


def test_a_file_without_a_record_of_its_format_is_told_with_its_first_bad_line(shop_kafka: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text('{"topic": "nowhere", "ts": 1}\nsecond\n')
    before = asyncio.run(count(shop_kafka))
    _, err = finish(start(shop_kafka, "replay", str(wrong), "--format", "jsonl"), code=3)
    assert "Line 1 is topic 'nowhere' is no input topic" in err
    assert "Expected is this project's records with a field `topic`" in err
    assert asyncio.run(count(shop_kafka)) == before


def test_an_empty_file_is_no_success(shop_kafka: str, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    _, err = finish(start(shop_kafka, "replay", str(tmp_path / "empty.jsonl"), "--format", "jsonl"), code=3)
    assert "has no records" in err


def test_summaries_for_programs_are_one_json_object(shop_kafka: str, tmp_path: Path) -> None:
    out, _ = finish(start(shop_kafka, "traffic", "--rate", "0", "--events", "20", "--seed", "5", "--json"))
    assert {"sent": 20, "seed": 5}.items() <= orjson.loads(out).items()
    mine = tmp_path / "mine.jsonl"
    mine.write_text('{"topic": "clicks", "user_id": "u", "action": "view"}\nno\n')
    out, _ = finish(start(shop_kafka, "replay", str(mine), "--format", "jsonl", "--json"))
    assert orjson.loads(out)["sent"] == 1
    assert orjson.loads(out)["skipped"] == {"not a JSON object with a topic": 1}
