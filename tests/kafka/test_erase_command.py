"""The command `erase` and a real worker: a shopper is forgotten, stays forgotten, and nobody is told the raw id."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from support.secured.suite import without_blindness
from support.topics_now import live_state, waiting
from support.worker import Workers

from liveprofile.models.manifest import Manifest
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import decode_rows
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query import profile
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms, anonymous_shopper, known_shopper
from tests.faults.oracle import examine

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(200)]

KEY = "a key for tests only"
USER = "jane.doe@example.com"
PARTITIONS = 2


def profile_of(shopper: str) -> bytes:
    return Pseudonyms(PseudonymKey(KEY.encode()), PARTITIONS).of(shopper)[0]


def environment(bootstrap: str, topics: Topics, folder: Path, model_folder: Path) -> dict[str, str]:
    return {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PARTITIONS": str(topics.partitions),
        "LIVEPROFILE_DATA_DIR": str(folder),
        "LIVEPROFILE_MODEL_DIR": str(model_folder),
        "LIVEPROFILE_PSEUDONYM_KEY": KEY,
    }


def liveprofile(names: dict[str, str], *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "liveprofile", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        input=typed,
        env={**os.environ, **names, "COLUMNS": "160"},
    )


async def clicks(bootstrap: str, topics: Topics, count: int = 30) -> None:
    """Clicks of three shoppers; a shopper and a stranger have the same id."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for number in range(count):
            for name, user_id in (("user_id", USER), ("anonymous_id", USER), ("user_id", "other")):
                click = {name: user_id, "title": "Red Vase", "category": "home/decor", "action": "cart"}
                await producer.send(topics.clicks, orjson.dumps(click), key=b"%d" % number)


async def drained(bootstrap: str, topics: Topics) -> None:
    deadline = time.monotonic() + 60
    while left := await waiting(bootstrap, topics):
        assert time.monotonic() < deadline, f"{left} records still wait"
        await asyncio.sleep(0.2)


async def test_an_erased_shopper_stays_erased_and_others_do_not(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=PARTITIONS)
    names = environment(bootstrap, topics, tmp_path, model_folder)
    workers = Workers(names, tmp_path)
    try:
        worker = await asyncio.to_thread(workers.start, "ingest,profile")
        await clicks(bootstrap, topics)
        await drained(bootstrap, topics)
        assert liveprofile(names, "show", "--user", USER).returncode == 0

        done = liveprofile(names, "erase", "-", "--yes", typed=f" {USER} \n")
        assert (done.returncode, without_blindness(done.stderr)) == (0, "")
        assert profile_of(known_shopper(USER)).decode() in done.stdout
        assert USER not in done.stdout
        sums = {topics.models, topics.model_events, topics.items, topics.item_neighbours}
        nobody = sums | {topics.item_cursors, topics.progress, topics.lineage, topics.rules}
        told = {topic.name for topic in topics.all() if f"{topic.name} " in done.stdout}
        assert told == {topic.name for topic in topics.all()} - nobody

        await clicks(bootstrap, topics)
        await drained(bootstrap, topics)
        told = liveprofile(names, "show", "--user", USER)
        assert (told.returncode, "was erased" in told.stderr) == (2, True)
        assert liveprofile(names, "show", "--user", "other").returncode == 0
        assert liveprofile(names, "show", "--anonymous", USER).returncode == 0
        await asyncio.to_thread(workers.stop, worker)
    finally:
        workers.kill_all()

    verdict = await examine(bootstrap, topics, Manifest.load(model_folder).model_id)
    assert not any(verdict.violations.values()), verdict.words
    assert verdict.notes["erased"] == 30
    state = await live_state(bootstrap, topics)
    (stub,) = decode_rows([state[profile_of(known_shopper(USER))]], Policy().dims)
    assert (stub["events"], bool(stub["erased_ms"]), bool(stub["interest"].any())) == (0, True, False)
    assert decode_rows([state[profile_of(anonymous_shopper(USER))]], Policy().dims)["events"][0] == 60
    assert all(USER.encode() not in log.read_bytes() for log in tmp_path.glob("*.log"))
    async with open_reader(bootstrap) as reader:
        profile_id = profile_of(known_shopper(USER)).decode()
        assert await profile.erased_ms(reader, topics, profile_id, Policy().dims) == stub["erased_ms"]


async def test_without_the_shops_key_nobody_is_erased(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    """A key made on the spot would erase somebody who does not exist, and say that all is well."""
    topics = await new_topics(partitions=PARTITIONS)
    names = environment(bootstrap, topics, tmp_path, model_folder)
    del names["LIVEPROFILE_PSEUDONYM_KEY"]
    done = liveprofile(names, "erase", "u-1", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no pseudonym key" in done.stderr
    assert list(tmp_path.iterdir()) == []


async def test_an_id_that_nothing_is_known_of_is_not_closed_by_a_typing_mistake(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=PARTITIONS)
    names = environment(bootstrap, topics, tmp_path, model_folder)
    done = liveprofile(names, "erase", "u-1", "--yes")
    assert (done.returncode, done.stdout) == (5, "")
    assert "unknown here" in done.stderr and "--unknown" in done.stderr
    assert await waiting(bootstrap, topics) == 0
    done = liveprofile(names, "erase", "u-1", "--yes", "--unknown", "--json")
    told = orjson.loads(done.stdout)
    assert (done.returncode, told["before"], told["topic"]) == (0, "unknown", topics.activity)
    assert told["profile_id"] == profile_of(known_shopper("u-1")).decode()
    assert {one["topic"] for one in told["deadlines"]} >= {topics.clicks, topics.profiles}
    assert await waiting(bootstrap, topics) == 1


async def test_an_erasure_without_a_terminal_says_that_yes_is_needed(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=PARTITIONS)
    names = environment(bootstrap, topics, tmp_path, model_folder)
    for typed in ("", "y\n"):
        done = liveprofile(names, "erase", "u-1", "--unknown", typed=typed)
        assert (done.returncode, done.stdout) == (2, "")
        assert "no terminal" in done.stderr and "--yes" in done.stderr
    assert await waiting(bootstrap, topics) == 0


@pytest.mark.parametrize("nobody", ["", "null", "x" * 300])
def test_what_ingest_takes_for_no_id_is_refused(nobody: str, tmp_path: Path) -> None:
    names = {"LIVEPROFILE_PSEUDONYM_KEY": KEY, "LIVEPROFILE_DATA_DIR": str(tmp_path)}
    done = liveprofile(names, "erase", nobody, "--yes")
    assert (done.returncode, "not an id of a shopper" in done.stderr) == (2, True)
