"""Watch and show on a real Kafka: what people and pipes get, and what is said when there is nothing."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from support.paths import ROOT
from support.secured.suite import suite_broker

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.query.profile import find, last_published
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms, known_shopper

pytestmark = pytest.mark.kafka

KEY = "a key for tests only"
PARTITIONS = 4
TOPICS = Topics(partitions=PARTITIONS)
IDS = Pseudonyms(PseudonymKey(KEY.encode()), PARTITIONS)


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A broker of this module's own: the output topics have fixed names."""
    with suite_broker(tmp_path_factory.mktemp("broker")) as running:
        asyncio.run(create_topics(running.bootstrap, TOPICS))
        asyncio.run(_fill(running.bootstrap))
        yield running.bootstrap


def shopper(name: str) -> tuple[bytes, int]:
    """Profile id and partition of a user id."""
    return IDS.of(known_shopper(name))


MESSAGE = "Interest in pans entered session interests: 41% of the session interest, threshold 34%."


def change(profile_id: bytes, version: int) -> bytes:
    reason = {"code": "INTEREST_ENTERED", "rule": "share-enters@1", "threshold": 0.34, "observed": 0.41}
    one = {"path": "interests.session", "op": "add", "before": [], "after": ["home/pans"], "reason": reason}
    one |= {"message": MESSAGE}
    return orjson.dumps({"profile_id": profile_id.decode(), "version": version, "origin": "live", "changes": [one]})


async def _fill(bootstrap: str) -> None:
    headers = [("ce_time", b"2026-11-21T22:00:00.000Z")]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for number in range(20):
        key, partition = shopper(f"u-{number}")
        for version in (1, 2, 3):
            snapshot = orjson.dumps({"profile_id": key.decode(), "version": version, "events": {"total": number}})
            await producer.send("profiles", snapshot, key=key, partition=partition)
            await producer.send("profile-changes", change(key, version), key=key, partition=partition, headers=headers)
    key, partition = shopper("erased")
    await producer.send("profiles", b"{}", key=key, partition=partition)
    await producer.send("profiles", None, key=key, partition=partition)
    await producer.send("profile-changes", b"\xff no json \x1b[2J", partition=0)
    anomaly = {
        "profile_id": key.decode(),
        "kind": "velocity",
        "state": "raised",
        "severity": 71,
        "reading": "31 a minute",
    }
    await producer.send("profile-anomalies", orjson.dumps(anomaly), headers=headers)
    refused = {
        "reason": "malformed-json",
        "words": "The text is not JSON.",
        "source": {"topic": "clicks", "partition": 3, "offset": 1822},
        "structure": {"user_id": "[text of 4]"},
    }
    await producer.send("dead-letters", orjson.dumps(refused))
    await producer.stop()


def liveprofile(kafka: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, its output a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "liveprofile", "--bootstrap", kafka, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "LIVEPROFILE_PSEUDONYM_KEY": KEY, "COLUMNS": "110"},
        cwd=cwd,
    )


@pytest.fixture
async def looking(kafka: str) -> AsyncIterator[Any]:
    async with open_reader(kafka) as connected:
        yield connected


def test_changes_in_a_pipe_are_json_lines_with_their_messages(kafka: str) -> None:
    done = liveprofile(kafka, "watch", "changes", "--from", "start", "--limit", "61")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr, len(lines)) == (0, "", 61)
    told = [line for line in lines if "version" in line]
    assert len(told) == 60
    assert {change["message"] for line in told for change in line["changes"]} == {MESSAGE}
    assert all(line["place"].startswith("profile-changes/") and line["changes"] for line in told)
    assert told[0]["ce_time"] == "2026-11-21T22:00:00.000Z"


def test_a_record_that_is_no_json_is_told_and_does_not_end_the_watch(kafka: str) -> None:
    done = liveprofile(kafka, "watch", "changes", "--from", "start", "--limit", "61", "--pretty")
    assert done.returncode == 0
    assert "is no JSON" in done.stdout
    assert "\x1b[2J" not in done.stdout


def test_changes_for_people_are_lines_with_shopper_version_and_reason(kafka: str) -> None:
    done = liveprofile(kafka, "watch", "changes", "--from", "start", "--limit", "61", "--pretty")
    profile_id = shopper("u-7")[0].decode()
    mine = [line for line in done.stdout.splitlines() if profile_id[:8] in line]
    assert len(mine) == 3
    assert "v1 " in mine[0]
    assert MESSAGE in mine[0]
    assert "Ctrl-C" in done.stderr


def test_anomalies_and_refusals_are_told_in_words(kafka: str) -> None:
    anomalies = liveprofile(kafka, "watch", "anomalies", "--from", "start", "--limit", "1", "--pretty")
    assert "Anomaly velocity: raised, 31 a minute." in anomalies.stdout
    refused = liveprofile(kafka, "watch", "dead-letters", "--from", "start", "--limit", "1", "--pretty")
    assert "clicks/3/1822" in refused.stdout
    assert "malformed-json  The text is not JSON." in refused.stdout
    assert '{"user_id":"[text of 4]"}' in refused.stdout


def test_ctrl_c_ends_a_watch_at_once_with_130_and_no_traceback(kafka: str) -> None:
    command = [sys.executable, "-m", "liveprofile", "--bootstrap", kafka, "watch", "anomalies", "--pretty"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stderr is not None
        assert "watching profile-anomalies" in watching.stderr.readline()
        watching.send_signal(signal.SIGINT)
        _, errors = watching.communicate(timeout=10)
    assert (watching.returncode, errors.strip()) == (130, "")


async def test_a_profile_is_found_by_its_id_and_by_the_start_of_it(looking: Any) -> None:
    profile_id = shopper("u-7")[0].decode()
    for wanted in (profile_id, profile_id[:10], profile_id.upper()[:10]):
        assert (await find(looking, TOPICS, wanted))["version"] == 3


async def test_what_was_last_said_comes_newest_first(looking: Any) -> None:
    published = await last_published(looking, TOPICS, shopper("u-3")[0].decode(), most=2)
    assert [orjson.loads(record.value)["version"] for record in published] == [3, 2]


async def test_what_is_unknown_ambiguous_erased_or_no_id_is_said(looking: Any) -> None:
    many = {shopper(f"u-{number}")[0].decode()[0] for number in range(20)}
    ambiguous = next(digit for digit in many if sum(shopper(f"u-{n}")[0].decode()[0] == digit for n in range(20)) > 1)
    for wanted, words in (
        ("0" * 32, "No profile starts with"),
        (ambiguous, r"profiles start with"),
        (shopper("erased")[0].decode(), "was erased"),
        ("u-7", "not the start of a profile id"),
        ("", "not the start of a profile id"),
    ):
        with pytest.raises(UserError, match=words):
            await find(looking, TOPICS, wanted)


def test_show_finds_a_shopper_by_the_shops_own_id(kafka: str) -> None:
    done = liveprofile(kafka, "show", "--user", "u-7", "--json")
    assert json.loads(done.stdout) == {"profile_id": shopper("u-7")[0].decode(), "version": 3, "events": {"total": 7}}
    pretty = liveprofile(kafka, "show", "--user", "u-7")
    assert "version 3" in pretty.stdout
    assert "Interest in pans entered session interests" in pretty.stdout


def test_a_user_without_a_profile_is_told_by_the_id_that_was_given(kafka: str) -> None:
    done = liveprofile(kafka, "show", "--user", "u-99")
    assert done.returncode == 5
    assert "no profile of u-99 with the present key" in done.stderr


def test_show_wants_one_profile(kafka: str) -> None:
    for arguments in ((), ("abc", "--user", "u-7")):
        done = liveprofile(kafka, "show", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Next: " in done.stderr


def test_no_kafka_is_a_sentence_and_a_next_step(tmp_path: Path) -> None:
    done = liveprofile("127.0.0.1:1", "watch", "changes", cwd=ROOT)
    assert (done.returncode, done.stdout) == (4, "")
    assert "No Kafka answers at 127.0.0.1:1" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_topics_that_do_not_exist_are_a_sentence_and_a_next_step(broker: Broker) -> None:
    done = liveprofile(broker.bootstrap, "show", "abc")
    assert done.returncode == 3
    assert "no topic profiles" in done.stderr
    assert "liveprofile topics create" in done.stderr


def test_watch_chooses_by_user_and_ends_without_following(kafka: str) -> None:
    done = liveprofile(kafka, "watch", "changes", "--user", "u-7", "--no-follow")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [line["version"] for line in lines] == [1, 2, 3]
    assert {line["profile_id"] for line in lines} == {shopper("u-7")[0].decode()}


def test_watch_chooses_anomalies_by_kind_and_severity(kafka: str) -> None:
    for options, count in ((("--kind", "velocity"), 1), (("--min-severity", "72"), 0), (("--kind", "spend"), 0)):
        done = liveprofile(kafka, "watch", "anomalies", "--no-follow", *options)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, count)


@pytest.mark.parametrize("command", [("explain", "spend"), ("recommend",), ("similar",)])
def test_a_missing_profile_is_told_by_the_id_that_was_given_everywhere(kafka: str, command: tuple[str, ...]) -> None:
    done = liveprofile(kafka, *command, "--user", "u-99")
    assert "There is no profile of u-99 with the present key" in done.stderr
    assert done.returncode == 5
