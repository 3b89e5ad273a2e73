"""The learn stage over a log in memory: what is written, in which order, and what a restart makes of it."""

from typing import Any

import pytest
from support.learn_log import ACTIVITY_DIMS, DIMS, PARTITIONS, TOPICS, Given, MemoryLog, give, values
from support.model_versions import versions
from support.training_examples import cluster_learners, learnt

from liveprofile.models.clusterers.adoption import read_clusters
from liveprofile.models.learners.port import Schedule
from liveprofile.models.snapshot import ModelVersion
from liveprofile.models.snapshot_records import is_manifest, number_of
from liveprofile.profiles.records import activity
from liveprofile.streams.stages.learn.fold import Learning
from liveprofile.streams.stages.learn.stage import LearnStage

SCHEDULE = Schedule(first_after=10, every=25)


async def stage(log: MemoryLog, **options: Any) -> LearnStage:
    def make(first_id: int) -> Any:
        return learners(first_id, **options)

    started = LearnStage(TOPICS, make, log.read, activity_dims=ACTIVITY_DIMS)
    await started.start(log)
    return started


def learners(first_id: int = 0, **options: Any) -> Any:
    return cluster_learners(SCHEDULE, DIMS, first_id, **({"clusters": 3, "warmup": 8} | options))


async def on_shelf(log: MemoryLog) -> dict[bytes, ModelVersion]:
    """The model versions by key, the oldest first."""
    return versions(await log.read("app.models", 0))


def offline(model: ModelVersion) -> bytes:
    """What a fold of the examples that a version says it covers gives, computed from nothing but the records."""
    folded = Learning(learners())
    missing = {offset for first, last in model.gaps for offset in range(first, last + 1)}
    offsets = [offset for offset in range(model.covers + 1) if offset not in missing]
    everything = values(model.covers + 1)
    list(folded.take(offsets, [b"p"] * len(offsets), [everything[offset] for offset in offsets]))
    return learnt(folded.version(model.version))


async def test_a_version_is_durable_then_adopted_everywhere_then_its_examples_are_acked() -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 26)
    first = ["models/0", "activity/0", "activity/1", "activity/2", "ack 6"]
    assert log.story == [*first, "models/0", "activity/0", "activity/1", "activity/2", "ack 13", "ack 20"]


async def test_runs_that_no_snapshot_covers_are_not_acked() -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 8)
    assert log.story == []


async def test_a_published_version_equals_the_fold_of_the_examples_it_covers() -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 99)
    shelf = await on_shelf(log)
    assert sorted(shelf) == [b"models@3", b"models@4", b"models@5"]
    for model in shelf.values():
        assert offline(model) == learnt(model)


async def test_the_adoption_carries_centres_and_the_time_of_the_newest_example() -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 9)
    (adoption,) = {value for topic, _, key, value in log.sent if key == b"\x00adopt" and topic == "app.activity"}
    assert adoption is not None
    (head,) = activity.decode_heads([adoption], ACTIVITY_DIMS)
    assert (head["kind"], head["event_time_ms"]) == (activity.Kind.ADOPT, 1009)
    adopted = read_clusters(activity.decode_tail(adoption, ACTIVITY_DIMS).adopted)
    folded = Learning(learners())
    list(folded.take(range(10), [b"p"] * 10, values(10)))
    assert adopted.label == "kmeans@1" and len(adopted.centres) == 3
    (again,) = folded.version(1).adopted
    assert adopted.centres.tobytes() == read_clusters(again).centres.tobytes()


@pytest.mark.parametrize("crash_after", [12, 30, 60])
async def test_a_restart_goes_on_from_the_snapshot_as_if_nothing_had_happened(crash_after: int) -> None:
    straight, broken = MemoryLog(), MemoryLog()
    await give(await stage(straight), straight, 0, 99)
    await give(await stage(broken), broken, 0, crash_after)
    acked = max([int(line[4:]) for line in broken.story if line.startswith("ack")], default=-1)
    await give(await stage(broken), broken, acked + 1, 99, run=11)
    assert await broken.read("app.models", 0) == await straight.read("app.models", 0)


async def test_a_crash_between_snapshot_and_adoption_is_made_good_at_the_restart() -> None:
    log = MemoryLog(refused="app.activity")
    with pytest.raises(ConnectionError):
        await give(await stage(log), log, 0, 20)
    assert log.story == ["models/0"]
    log.refused = ""
    await give(await stage(log), log, 0, 12)
    assert log.adopted() == {partition: ["kmeans@1"] for partition in range(PARTITIONS)}
    assert log.story[-1] == "ack 6"


async def test_the_newest_adoption_is_said_again_as_soon_as_the_partition_is_given() -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 12)
    await (await stage(log)).assign("app.examples", 0)
    assert log.adopted() == {partition: ["kmeans@1", "kmeans@1"] for partition in range(PARTITIONS)}


async def test_a_refused_snapshot_is_neither_adopted_nor_acked() -> None:
    log = MemoryLog(refused="app.models")
    with pytest.raises(ConnectionError):
        await give(await stage(log), log, 0, 20)
    assert log.story == []


async def test_a_damaged_newest_version_gives_way_to_the_one_before_and_its_number_is_not_used_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 55)
    log.damage(b"models@3")
    await give(await stage(log), log, 49, 80)
    assert "model_version_refused" in capsys.readouterr().out
    shelf = await log.read("app.models", 0)
    newest = versions({key: value for key, value in shelf.items() if number_of(key) != 3})[b"models@4"]
    assert newest.gaps == ((25, 48),)
    assert learnt(newest) == offline(newest)


async def test_another_configuration_begins_anew_with_new_ids_and_the_next_number() -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 30)
    await give(await stage(log, clusters=2), log, 25, 40)
    model = (await on_shelf(log))[b"models@3"]
    clusters, learner = read_clusters(model.adopted[0]), model.learners["clusterer"]
    assert clusters.ids.tolist() == [3, 4] and clusters.label == "kmeans@3"
    assert (learner.begun, learner.examples) == (25, 10)


async def test_old_versions_are_cleared() -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 120)
    tombstones = [key for topic, _, key, value in log.sent if topic == "app.models" and value is None and key]
    assert list(filter(is_manifest, tombstones)) == [b"models@1", b"models@2"]
    assert {number_of(key) for key in await log.read("app.models", 0)} == {3, 4, 5}


async def test_a_lost_partition_publishes_nothing_and_acks_nothing() -> None:
    log = MemoryLog()
    learn = await stage(log)
    await give(learn, log, 0, 6)
    log.owned = False
    await give(learn, log, 7, 13)
    assert log.story == []


async def test_a_revoked_partition_is_forgotten_and_learnt_again_from_the_snapshot() -> None:
    straight, moved = MemoryLog(), MemoryLog()
    await give(await stage(straight), straight, 0, 60)
    learn = await stage(moved)
    await give(learn, moved, 0, 33)
    await learn.revoke([("app.examples", 0)])
    await give(learn, moved, 21, 60)
    assert await moved.read("app.models", 0) == await straight.read("app.models", 0)


async def test_a_model_without_clusters_is_kept_but_not_adopted() -> None:
    log = MemoryLog()
    await give(await stage(log, warmup=20), log, 0, 12)
    assert log.adopted() == {} and log.story == ["models/0", "ack 6"]


def test_a_single_version_on_the_shelf_is_refused() -> None:
    with pytest.raises(ValueError, match="keep=1"):
        LearnStage(TOPICS, learners, MemoryLog().read, keep=1)


async def test_a_models_topic_that_replaced_another_begins_above_its_numbers() -> None:
    log = MemoryLog(generations={"app.models": 1})
    await give(await stage(log), log, 0, 26)
    models = list((await on_shelf(log)).values())
    assert sorted(model.version for model in models) == [1_000_001, 1_000_002]
    assert all(read_clusters(one).ids.min() >= 1_000_000 for model in models for one in model.adopted)


async def test_examples_of_a_topic_that_replaced_another_are_learnt_though_their_offsets_were() -> None:
    log = MemoryLog()
    await give(await stage(log), log, 0, 26)
    log.generations["app.examples"] = 1
    everything = values(60)
    learn = await stage(log)
    await learn.handle("app.examples", 0, [Given(n, everything[27 + n]) for n in range(30)], lambda: None)
    newest = list((await on_shelf(log)).values())[-1]
    assert newest.covers > 1 << 40 and newest.learners["clusterer"].examples > 26
