"""The first pseudonym key that is noted holds, and a process with another one is refused."""

from types import SimpleNamespace
from typing import Any

import pytest
from support.lineage_log import LINEAGE, Cluster

from liveprofile.streams.runtime.key_check import NotedKey, WrongKeyError, noted_key, replace_key, require_key
from liveprofile.streams.runtime.lineage import Entry, write_entries

OURS, OTHERS = "b" * 40, "a" * 40


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    found = Cluster()
    found.read_by(monkeypatch, "key_check", "lineage")
    return found


def config(check_value: str, topic: str = LINEAGE) -> Any:
    return SimpleNamespace(bootstrap="here:9092", lineage_topic=topic, key_check=check_value)


async def test_the_first_worker_notes_its_key_and_the_next_ones_note_nothing(cluster: Cluster) -> None:
    assert await noted_key("here:9092", LINEAGE) is None
    await require_key(cluster, config(OURS))  # type: ignore[arg-type]
    assert await noted_key("here:9092", LINEAGE) == NotedKey(OURS, 0)
    await require_key(cluster, config("".join(OURS)))  # type: ignore[arg-type]
    assert cluster.sends == 1


@pytest.mark.parametrize(("noted", "own"), [(OURS, OTHERS), (OTHERS, OURS)])
async def test_another_key_is_refused_and_only_the_beginning_of_both_is_shown(
    cluster: Cluster, noted: str, own: str
) -> None:
    await require_key(cluster, config(noted))  # type: ignore[arg-type]
    with pytest.raises(WrongKeyError, match=rf"check value {own[:12]}\).*\({noted[:12]}\)") as refused:
        await require_key(cluster, config(own))  # type: ignore[arg-type]
    assert own[:13] not in str(refused.value) and noted[:13] not in str(refused.value)
    assert cluster.sends == 1


@pytest.mark.parametrize(("check_value", "topic"), [("", LINEAGE), (OURS, ""), ("", "")])
async def test_whoever_needs_no_key_or_has_no_lineage_is_let_pass(
    cluster: Cluster, check_value: str, topic: str
) -> None:
    await require_key(cluster, config(check_value, topic))  # type: ignore[arg-type]
    assert not cluster.records


@pytest.mark.parametrize(("first", "second"), [(OURS, OTHERS), (OTHERS, OURS)])
async def test_of_two_workers_that_note_at_once_the_first_holds_and_the_other_restores_it(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, first: str, second: str
) -> None:
    identities = cluster.identities

    async def overtaken(names: Any) -> Any:
        cluster.identities = identities  # type: ignore[method-assign]
        await require_key(cluster, config(first))  # type: ignore[arg-type]
        return await identities(names)

    cluster.identities = overtaken  # type: ignore[method-assign]
    with pytest.raises(WrongKeyError):
        await require_key(cluster, config(second))  # type: ignore[arg-type]
    del cluster.records[:-1]  # compaction keeps the last
    assert await noted_key("here:9092", LINEAGE) == NotedKey(first, 0)


async def test_a_replaced_key_holds_by_its_number_and_not_by_its_place(cluster: Cluster) -> None:
    await replace_key(cluster, "here:9092", LINEAGE, OURS)  # type: ignore[arg-type]
    assert await noted_key("here:9092", LINEAGE) == NotedKey(OURS, 0)
    await replace_key(cluster, "here:9092", LINEAGE, OTHERS)  # type: ignore[arg-type]
    cluster.records.append(cluster.records[0])  # a worker that was removed wrote last
    assert await noted_key("here:9092", LINEAGE) == NotedKey(OTHERS, 1)
    await require_key(cluster, config(OTHERS))  # type: ignore[arg-type]


async def test_entries_of_other_topics_and_tombstones_say_nothing_of_the_key(cluster: Cluster) -> None:
    await write_entries(cluster, LINEAGE, {"state": Entry("s", 4, key_check=OTHERS)})  # type: ignore[arg-type]
    cluster.records.append((LINEAGE.encode(), None, 9))
    await write_entries(cluster, LINEAGE, {LINEAGE: Entry("l", 1)})  # type: ignore[arg-type]
    assert await noted_key("here:9092", LINEAGE) is None
