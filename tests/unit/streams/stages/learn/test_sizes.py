"""No record of the learn stage outgrows the limit, however full its buffers are; and one that does stops nothing."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest
from support.full_learners import (
    ACTIVITY_DIMS,
    Record,
    entry_examples,
    label_examples,
    place_examples,
    review_examples,
    session_examples,
)
from support.learn_log import TOPICS, Given, MemoryLog
from support.model_versions import versions

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.snapshot import ModelVersion, Watermark
from liveprofile.models.snapshot_records import CHUNK_BYTES, to_records
from liveprofile.profiles.records.activity import Kind, control_record, decode_tail
from liveprofile.profiles.records.training_example import example_dtype
from liveprofile.streams.runtime.record_size import MAX_RECORD_BYTES, RECORD_OVERHEAD_BYTES, check_sizes, record_size
from liveprofile.streams.settings.sections import Learn
from liveprofile.streams.stages.learn.fold import Learning
from liveprofile.streams.stages.learn.learners import make_learners
from liveprofile.streams.stages.learn.stage import ADOPT_KEY, LearnStage

LARGEST = Learn(clusters=1_024)
PARTITIONS = 1_000


class LimitedLog(MemoryLog):
    """A log that refuses records over the limit, as the outbox does."""

    limit = MAX_RECORD_BYTES

    async def send(self, topic: str, partition: int, items: Collection[Any]) -> None:
        check_sizes(list(items), self.limit)
        await super().send(topic, partition, items)


def full() -> list[Record]:
    """Examples after which every learner has all it ever holds."""
    return [
        *place_examples(2_300),
        *label_examples(300),
        *review_examples(600),
        *entry_examples(5_000),
        *session_examples(9_000),
    ]


@pytest.fixture(scope="module")
def largest() -> ModelVersion:
    """The version of full learners, with watermarks of a thousand partitions."""
    learning = Learning(make_learners(LARGEST, ACTIVITY_DIMS)(0))
    records = full()
    for _ in learning.take(range(len(records)), [key for key, _ in records], [value for _, value in records]):
        learning.version(1)
    for kind in ExampleKind:
        for partition in range(PARTITIONS):
            learning.watermarks[kind, partition] = Watermark(987_654_321 + 65_537 * partition, 8_000 + partition)
    for scheduled in learning._learners:
        learning._due.add(scheduled.learner.what)
    return learning.version(2)


def test_with_every_buffer_full_no_record_of_a_version_is_near_the_limit(largest: ModelVersion) -> None:
    sizes = [record_size((key, value, ())) for key, value in to_records(largest)]
    assert sum(sizes) > 500_000, "these learners are not full"
    assert max(sizes) <= CHUNK_BYTES + RECORD_OVERHEAD_BYTES + 64


def test_with_every_buffer_full_what_workers_adopt_fits_with_room_to_spare(largest: ModelVersion) -> None:
    assert {one["what"] for one in largest.adopted} == {"clusterer", "predictor", "alarms", "sentiment", "priors"}
    for adopted in largest.adopted:
        record = control_record(Kind.ADOPT, largest.event_time_ms, ACTIVITY_DIMS, adopted)
        assert len(record) < MAX_RECORD_BYTES // 2, adopted["what"]


def stage(log: MemoryLog, **options: Any) -> LearnStage:
    return LearnStage(TOPICS, make_learners(Learn(), ACTIVITY_DIMS), log.read, activity_dims=ACTIVITY_DIMS, **options)


async def live(log: LimitedLog, records: Sequence[Record], first: int, **options: Any) -> int:
    """One life of a worker from an offset to the end; gives the first offset that it has not acked."""
    learn, acked = stage(log, **options), [first]
    await learn.start(log)
    await learn.assign("app.examples", 0)
    for at in range(first, len(records), 1_000):
        batch = [Given(at + n, value, key=key) for n, (key, value) in enumerate(records[at : at + 1_000])]
        await learn.handle("app.examples", 0, batch, lambda end=batch[-1].offset + 1: acked.append(end))
    await learn.stop()
    return max(acked)


def later(records: Sequence[Record], by: int) -> list[Record]:
    """The same examples so many offsets of `activity` later."""
    at = example_dtype(ExampleKind.REVIEW, 1).fields["offset"][1]  # type: ignore[index]  # a record has fields
    return [
        (key, value[:at] + (int.from_bytes(value[at : at + 8], "little") + by).to_bytes(8, "little") + value[at + 8 :])
        for key, value in records
    ]


async def test_eight_thousand_sessions_that_one_tick_ended_stop_no_worker() -> None:
    """After a stop of all workers, the first tick ends everybody's session, and full buffers meet their examples."""
    tick = later(session_examples(8_000, of_one_tick=True), by=1_000_000)
    records = [*full(), *tick, *later(session_examples(4_000, seed=9), by=2_000_000)]
    log, acked = LimitedLog(), 0
    for _ in range(3):
        acked = await live(log, records, acked)
    newest = list(versions(await log.read("app.models", 0)).values())[-1]
    assert newest.covers > len(records) - 4_000 and acked > len(records) - 4_000
    assert newest.watermarks[ExampleKind.SESSION, 0].offset > 2_000_000
    assert newest.learners["alarms"].examples > 9_000 + 8_000


async def test_a_version_over_the_limit_is_said_and_the_one_before_stays_while_learning_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Adoptions of priors with long names are over this limit, and those of sentiment are not."""
    log, limit = LimitedLog(), 9_000
    log.limit = limit
    records = [*review_examples(500), *later(review_examples(500, seed=8), by=10_000)]
    acked = await live(log, records, 0, max_record_bytes=limit)
    before = sorted(versions(await log.read("app.models", 0)))
    adopted = len(log.sent)
    records += [*entry_examples(2_000)]
    for _ in range(2):
        acked = await live(log, records, acked, max_record_bytes=limit)
    told = capsys.readouterr().out
    assert told.count("model_version_too_large") >= 2 and "stays in force; learning goes on" in told
    assert before and sorted(versions(await log.read("app.models", 0))) == before
    assert {decode_tail(value, ACTIVITY_DIMS).adopted["what"] for value in adoptions(log)} == {"sentiment"}
    assert acked == 1_000 and len(log.sent) > adopted, "the version before is put in force again by each restart"

    log.limit = MAX_RECORD_BYTES
    assert await live(log, records, acked) == 3_000, "a limit that was raised lets the next version through"
    assert {decode_tail(value, ACTIVITY_DIMS).adopted["what"] for value in adoptions(log)} == {"sentiment", "priors"}


def adoptions(log: MemoryLog) -> list[bytes]:
    """All records of adoptions in `activity`."""
    return [value for topic, _, key, value in log.sent if topic == "app.activity" and key == ADOPT_KEY and value]
