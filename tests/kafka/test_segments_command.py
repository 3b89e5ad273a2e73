"""The command `segments` and a real worker: rules are tried, published, and obeyed by a worker that goes on running."""

import asyncio
import csv
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner
from support.rules import rule_text
from support.topics_now import waiting
from support.worker import Workers

from liveprofile.streams.cli.main import main
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.lineage import read_entries
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey

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


@dataclass(frozen=True)
class Done:
    """What a command ended with."""

    returncode: int
    stdout: str
    stderr: str


def liveprofile(names: dict[str, str], *arguments: str) -> Done:
    """The command line, in a thread of its own: compiled code is loaded once for all commands of the test."""
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(CliRunner().invoke, main, list(arguments), env={**names, "COLUMNS": "160"}).result()
    return Done(done.exit_code, done.stdout, done.stderr)


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
        await asyncio.to_thread(why_in_none, names)

        found = orjson.loads(liveprofile(names, "segments", "preview", str(file), "--json").stdout)
        assert (found["profiles"], found["segments"]["s0"]["enter"], found["states"]["here"]["enter"]) == (1, 1, 1)
        refused = liveprofile(names, "segments", "publish", str(wrong))
        assert (refused.returncode, "there is no feature" in refused.stderr) == (3, True)

        unasked = liveprofile(names, "segments", "publish", str(file))
        assert (unasked.returncode, unasked.stdout, "--yes" in unasked.stderr) == (2, "", True)
        done = liveprofile(names, "segments", "publish", str(file), "--yes")
        assert done.returncode == 0
        assert "of 1 profiles: 1 memberships would begin, 0 end, 0 stay" in done.stdout
        assert f"published test@2 (sha256 {sha256(file.read_bytes()).hexdigest()[:12]}) to 2 partitions" in done.stdout
        await settled(bootstrap, topics, segments, ["s0"])
        again = orjson.loads(liveprofile(names, "segments", "preview", str(file), "--json").stdout)
        assert (again["segments"]["s0"]["stay"], again["segments"]["s0"]["enter"]) == (1, 0)
        assert liveprofile(names, "segments", "list", "--toml").stdout == file.read_text()
        await asyncio.to_thread(who_is_in, names, tmp_path)
        await refused_under_one_version(names, file, tmp_path)
        noted = (await read_entries(bootstrap, topics.lineage))[topics.lineage]  # what compaction leaves
        assert (noted.key_check, set(noted.rules)) == (PseudonymKey(KEY.encode()).check_value, {"test@2", "test@3"})
        await asyncio.to_thread(workers.stop, worker)
    finally:
        workers.kill_all()


async def refused_under_one_version(names: dict[str, str], published: Path, folder: Path) -> None:
    """Other content under a published version is refused: of the rules in force with the difference."""
    edited = folder / "edited.toml"
    edited.write_text(published.read_text().replace(">= 3", ">= 4"))
    refused = await asyncio.to_thread(liveprofile, names, "segments", "publish", str(edited), "--yes")
    assert refused.returncode == 3
    assert "-enter = '''session.carts >= 3'''\n+enter = '''session.carts >= 4'''" in refused.stderr
    assert "Set version = 3 or higher" in refused.stderr
    edited.write_text(edited.read_text().replace("version = 2", "version = 3"))
    done = await asyncio.to_thread(liveprofile, names, "segments", "publish", str(edited), "--yes", "--json")
    told = orjson.loads(done.stdout)
    assert (told["rules"], told["sha256"]) == ("test@3", sha256(edited.read_bytes()).hexdigest())
    assert told["partitions"] == PARTITIONS
    await asyncio.to_thread(in_force, names, "test@3")
    edited.write_text(published.read_text().replace(">= 3", ">= 5"))  # of a version that is not in force any more
    refused = await asyncio.to_thread(liveprofile, names, "segments", "publish", str(edited), "--yes")
    assert (refused.returncode, "test@2 was published with other content" in refused.stderr) == (3, True)
    again = await asyncio.to_thread(liveprofile, names, "segments", "publish", str(published), "--yes")
    assert again.returncode == 0  # the same content, once more


def in_force(names: dict[str, str], label: str) -> None:
    """Wait until the state has these rules."""
    deadline = time.monotonic() + 60
    while f"rules {label} " not in liveprofile(names, "segments", "list").stdout:
        assert time.monotonic() < deadline, label
        time.sleep(0.5)


def why_in_none(names: dict[str, str]) -> None:
    """Who is in no segment is told what the nearest rules need, and what a named one needs."""
    told = liveprofile(names, "explain", "--user", "u-1", "segments")
    assert (told.returncode, "In no segment; nearest by the rules starter@1:" in told.stdout) == (0, True), told.stderr
    assert "first-order, needs orders == 1, it is 0" in told.stdout
    told = liveprofile(names, "explain", "--user", "u-1", "segments.vip")
    assert "Not in vip, needs orders >= 5, it is 0 and spend.recent >= 1000, it is 0" in told.stdout
    found = orjson.loads(liveprofile(names, "explain", "--user", "u-1", "segments.vip", "--json").stdout)["not_in"]
    assert [one["segment"] for one in found["segments"]] == ["vip"]
    assert found["segments"][0]["needs"][0] == {"comparison": "orders >= 5", "observed": "0"}
    told = liveprofile(names, "explain", "--user", "u-1", "segments.vips")
    assert (told.returncode, "have no segment 'vips'" in told.stderr) == (5, True)
    for command in (
        ("explain", "--user", "u-9", "segments"),
        ("recommend", "--user", "u-9"),
        ("similar", "--user", "u-9"),
    ):
        told = liveprofile(names, *command)
        assert (told.returncode, "There is no profile of u-9" in told.stderr) == (5, True), told.stderr


def who_is_in(names: dict[str, str], folder: Path) -> None:
    """Sizes of segments, and their members: pseudonyms, with user ids only for those of a list."""
    deadline = time.monotonic() + 60
    while (sizes := orjson.loads(liveprofile(names, "segments", "sizes", "--json").stdout))["segments"] != {"s0": 1}:
        assert time.monotonic() < deadline, sizes
        time.sleep(0.5)
    assert (sizes["profiles"], sizes["in_no_segment"], sizes["lifecycle"]) == (1, 0, {"here": 1})
    (row,) = csv.DictReader(liveprofile(names, "segments", "export", "s0").stdout.splitlines())
    assert set(row) == {"profile_id", "since", "lifecycle", "version", "last_seen"}
    assert row["lifecycle"] == "here"
    listed = folder / "ids.txt"
    listed.write_text("u-0\nu-1\n\nnull\nu-2\n")
    matched = liveprofile(names, "segments", "export", "s0", "--format", "jsonl", "--match", str(listed))
    assert "1 lines are not ids of a shopper" in matched.stderr
    assert [(one["user_id"], one["profile_id"]) for one in map(orjson.loads, matched.stdout.splitlines())] == [
        ("u-1", row["profile_id"])
    ]
    listed.write_text("u-2\n")
    assert liveprofile(names, "segments", "export", "s0", "--format", "jsonl", "--match", str(listed)).stdout == ""
    without = {**names, "LIVEPROFILE_PSEUDONYM_KEY": "another key than that"}
    refused = liveprofile(without, "segments", "export", "s0", "--match", str(listed))
    assert (refused.returncode, refused.stdout) == (3, "")
    nobody = liveprofile(names, "segments", "export", "s9")
    assert (nobody.returncode, "Its segments are s0" in nobody.stderr) == (5, True)
