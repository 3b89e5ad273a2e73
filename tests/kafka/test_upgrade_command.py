"""`liveprofile upgrade` on topics as an earlier version left them, and as a newer one would."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from liveprofile.profiles.records.activity import FIRST_LAYOUT
from liveprofile.streams.cli.main import main
from liveprofile.streams.contract.layouts import newest_layouts
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.lineage import Entry, read_entries, write_entries
from liveprofile.streams.runtime.outbox import KafkaOutbox
from tests.upgrade.record_file import Record, read_records

pytestmark = pytest.mark.kafka

GOLDEN = Path(__file__).parents[1] / "upgrade" / "golden" / "ae9fa68"
SENT = 400
"""Records of each topic: what one batch can hold."""


async def upgrade(bootstrap: str, topics: Topics, *arguments: str) -> Result:
    """Run the command."""
    names = {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PARTITIONS": str(topics.partitions),
    }
    words = ["--bootstrap", bootstrap, "upgrade", *arguments]
    return await asyncio.to_thread(CliRunner().invoke, main, words, env=names | {"COLUMNS": "200"})


async def send(bootstrap: str, topic: str, records: list[Record]) -> None:
    """Put records on partition 0 of a topic."""
    async with KafkaOutbox(bootstrap) as outbox:
        await outbox.send(topic, 0, [(key, value, ()) for key, value in records])


@pytest.fixture
async def topics(bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]) -> Topics:
    """Topics as ae9fa68 leaves them."""
    found = await new_topics(partitions=2)
    for topic, name in ((found.state, "state"), (found.activity, "activity"), (found.examples, "examples")):
        await send(bootstrap, topic, read_records(GOLDEN / f"{name}.records.xz")[-SENT:])
    await send(bootstrap, found.models, read_records(GOLDEN / "models.records.xz"))
    async with KafkaOutbox(bootstrap) as outbox:
        entries = {name: Entry("some-id", 2) for name in (found.activity, found.state, found.examples, found.models)}
        await write_entries(outbox, found.lineage, entries)
    return found


def findings(result: Result) -> dict[str, dict[str, Any]]:
    """What --json says, by kind of record."""
    return {one["what"]: one for one in orjson.loads(result.stdout)["findings"]}


async def test_the_check_says_what_becomes_of_every_record_of_ae9fa68(bootstrap: str, topics: Topics) -> None:
    result = await upgrade(bootstrap, topics, "--check", "--json", "--records", "0")
    assert result.exit_code == 0, result.output
    found = findings(result)
    assert found["profile"]["verdict"] == found["cursor"]["verdict"] == "migrated"
    assert found["profile"]["details"] == "by name: adds 16 fields, renames 34 fields; by function know_orders"
    assert "renames burst to rate_burst, usual to rate_short" in found["profile"]["fields"]
    assert found["activity"]["layout"].startswith(f"{FIRST_LAYOUT} (")
    assert found["activity"]["details"] == "by name: adds 6 fields, drops wording; by function split_wording"
    assert "price, query_specificity, review_tone, drops wording" in found["activity"]["fields"]
    assert found["activity"]["records"] == SENT
    assert found["activity"]["partitions"] == [0]
    examples = [one for what, one in found.items() if what.startswith("example ")]
    assert {one["verdict"] for one in examples} == {"migrated"}
    assert all(one["details"].startswith("by name: adds ordinal") for one in examples)
    assert found["model version"]["verdict"] == "read as they are"
    assert len(examples) == 5


async def test_a_person_reads_it_in_words_and_nothing_has_changed(bootstrap: str, topics: Topics) -> None:
    before = await read_entries(bootstrap, topics.lineage)
    result = await upgrade(bootstrap, topics, "--check")
    assert result.exit_code == 0
    names = f"{topics.activity}, {topics.examples}, {topics.models}"
    assert f"This version can go on. It writes {names} in older layouts until" in " ".join(result.output.split())
    assert await read_entries(bootstrap, topics.lineage) == before


async def test_finishing_has_the_newest_layout_written_once_and_keeps_what_is_remembered(
    bootstrap: str, topics: Topics
) -> None:
    first, second = [await upgrade(bootstrap, topics, "--finish") for _ in range(2)]
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "from the next start" in " ".join(first.output.split())
    assert "already" in second.output
    told = orjson.loads((await upgrade(bootstrap, topics, "--finish", "--json")).output)
    assert (told["changed"], told["goes_on"]) == (False, True)
    entries = await read_entries(bootstrap, topics.lineage)
    for topic, newest in newest_layouts(topics).items():
        assert f"{topic} is written in layout {newest}" in first.output
        assert entries[topic] == Entry("some-id", 2, layout=newest)


@pytest.mark.parametrize("kind", ["state", "activity", "examples", "models"])
async def test_records_of_a_newer_program_are_named_and_refused(bootstrap: str, topics: Topics, kind: str) -> None:
    topic = getattr(topics, kind)
    key, value = next(one for one in reversed(read_records(GOLDEN / f"{kind}.records.xz")) if one[0] != b"\x00cursor")
    newer = b"\x09" + (value or b"")[1:]
    if kind == "models":
        newer = orjson.dumps(orjson.loads(value or b"") | {"schema": 9})
    await send(bootstrap, topic, [(key, newer)])
    for option in ("--check", "--finish"):
        result = await upgrade(bootstrap, topics, option)
        assert result.exit_code == 3
        assert "refused: written by a newer program" in result.output
        assert "cannot go on" in result.output
    assert (await read_entries(bootstrap, topics.lineage))[topics.activity].layout == 0


async def test_damaged_state_is_refused_and_a_damaged_activity_is_not(bootstrap: str, topics: Topics) -> None:
    await send(bootstrap, topics.activity, [(b"0" * 32, b"rubbish")])
    assert (await upgrade(bootstrap, topics, "--check")).exit_code == 0
    await send(bootstrap, topics.state, [(b"0" * 32, b"rubbish")])
    result = await upgrade(bootstrap, topics, "--check", "--json")
    assert result.exit_code == 3
    assert {one["verdict"] for one in orjson.loads(result.stdout)["findings"]} >= {"refused: damaged"}


async def test_without_topics_or_with_both_options_the_next_step_is_told(bootstrap: str) -> None:
    result = await upgrade(bootstrap, Topics("nobody", 2, prefix="nobody-"), "--check")
    assert result.exit_code == 3
    assert "liveprofile topics create" in result.output
    assert (await upgrade(bootstrap, Topics(), "--check", "--finish")).exit_code == 2
