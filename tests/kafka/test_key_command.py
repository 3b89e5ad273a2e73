"""The pseudonym key: a process with another key is refused, and none makes a key of its own on a shared Kafka."""

import asyncio
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support.worker import Workers

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.key_check import WrongKeyError, noted_key, replace_key, require_key
from liveprofile.streams.runtime.lineage import Lineage, read_entries
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from tests.kafka.test_erase_command import environment, liveprofile

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(200)]

ONE, OTHER = (PseudonymKey(text).check_value for text in (b"a key of the tests", b"another key of the tests"))


def config(bootstrap: str, topics: Topics, check_value: str) -> RuntimeConfig:
    return RuntimeConfig(topics.app_id, bootstrap, lineage_topic=topics.lineage, key_check=check_value)


async def test_the_first_key_holds_and_another_one_is_refused(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=1)
    async with KafkaOutbox(bootstrap) as outbox:
        await require_key(outbox, config(bootstrap, topics, ""))
        assert await noted_key(bootstrap, topics.lineage) is None
        await require_key(outbox, config(bootstrap, topics, ONE))
        await require_key(outbox, config(bootstrap, topics, ONE))
        with pytest.raises(WrongKeyError, match="key check"):
            await require_key(outbox, config(bootstrap, topics, OTHER))
        await replace_key(outbox, bootstrap, topics.lineage, OTHER)
        await require_key(outbox, config(bootstrap, topics, OTHER))
        with pytest.raises(WrongKeyError):
            await require_key(outbox, config(bootstrap, topics, ONE))


async def test_of_keys_that_are_noted_at_once_the_first_one_holds(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=1)
    async with KafkaOutbox(bootstrap) as outbox:
        tries = (require_key(outbox, config(bootstrap, topics, f"{number:032x}")) for number in range(8))
        results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in results if one is not None] == [WrongKeyError] * 7
    held = next(number for number, one in enumerate(results) if one is None)
    noted = await noted_key(bootstrap, topics.lineage)
    assert noted is not None and noted.check_value == f"{held:032x}"
    last = (await read_entries(bootstrap, topics.lineage))[topics.lineage]
    assert last.key_check == f"{held:032x}"  # what compaction leaves


async def test_a_worker_without_the_check_reads_the_lineage_as_before(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=1)
    async with KafkaOutbox(bootstrap) as outbox:
        await require_key(outbox, config(bootstrap, topics, ONE))
        lineage = Lineage(outbox, bootstrap, topics.lineage, topics.remembered)
        await lineage.begin()
        await lineage.begin()
    assert (await noted_key(bootstrap, topics.lineage) or ("", 0))[0] == ONE


async def test_worker_erase_and_show_refuse_another_key_and_check_tells_the_two_apart(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=1)
    names = environment(bootstrap, topics, tmp_path, model_folder)
    workers = Workers(names, tmp_path)
    try:
        worker = await asyncio.to_thread(workers.start, "ingest")
        await asyncio.to_thread(workers.stop, worker)
    finally:
        workers.kill_all()
    assert liveprofile(names, "key", "check").returncode == 0
    unknown = liveprofile(names, "erase", "nobody-knows-me", "--yes")
    assert (unknown.returncode, "unknown here" in unknown.stderr) == (5, True)

    wrong = {**names, "LIVEPROFILE_PSEUDONYM_KEY": "another key than that"}
    for command in (("worker", "--stages", "ingest"), ("erase", "u-1", "--yes"), ("show", "--user", "u-1")):
        refused = liveprofile(wrong, *command)
        assert (refused.returncode, "key check" in refused.stderr) == (3, True), refused.stderr
        assert "another key than that" not in refused.stdout + refused.stderr
    assert liveprofile(wrong, "key", "check").returncode == 3
    assert liveprofile(wrong, "key", "check", "--replace", "--yes").returncode == 0
    assert liveprofile(names, "key", "check").returncode == 3


async def test_no_key_is_made_for_a_kafka_that_is_not_the_embedded_one(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=1)
    names = environment(bootstrap, topics, tmp_path / "data", model_folder)
    del names["LIVEPROFILE_PSEUDONYM_KEY"]
    refused = liveprofile(names, "worker", "--stages", "ingest")
    assert (refused.returncode, "liveprofile key create" in refused.stderr) == (2, True)
    assert not list((tmp_path / "data").glob("*.key"))

    made = liveprofile(names, "key", "create")
    file = tmp_path / "data" / "pseudonym.key"
    assert made.returncode == 0
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    assert file.read_text().strip() not in made.stdout + made.stderr
    assert liveprofile(names, "key", "create").returncode == 2
    kept = tmp_path / "backup.key"
    assert liveprofile(names, "key", "backup", str(kept)).returncode == 0
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == (file.read_text(), 0o600)
    assert liveprofile(names, "key", "backup", str(kept)).returncode == 2
