"""What becomes known of the models, as records."""

import msgspec
from support.learn_log import ACTIVITY_DIMS, DIMS, TOPICS, MemoryLog, give
from support.training_examples import cluster_learners

from liveprofile.models.learners.port import Schedule, ScheduledLearner
from liveprofile.models.snapshot_records import from_records
from liveprofile.streams.contract.model_events import ModelEvent
from liveprofile.streams.stages.learn.model_events import ModelVersionEvents
from liveprofile.streams.stages.learn.stage import LearnStage


class Telling:
    """A learner of clusters that has something to say with each version."""

    def __init__(self, learner: ScheduledLearner) -> None:
        self._learner = learner.learner

    def __getattr__(self, name: str) -> object:
        return getattr(self._learner, name)

    def events(self) -> list[dict[str, object]]:
        return [{"type": "DriftFound", "of": "quantisation error", "before": 0.1, "after": 0.3}]


async def started(log: MemoryLog) -> LearnStage:
    def make(first_id: int) -> list[ScheduledLearner]:
        (learner,) = cluster_learners(Schedule(10, 25), DIMS, first_id, clusters=3, warmup=8)
        return [ScheduledLearner(Telling(learner), learner.schedule)]  # type: ignore[arg-type]

    events = ModelVersionEvents("model-events", "app", lambda: 0)
    stage = LearnStage(TOPICS, make, log.read, events=events, activity_dims=ACTIVITY_DIMS)
    await stage.start(log)
    return stage


def told(log: MemoryLog) -> list[ModelEvent]:
    values = [value for topic, _, _, value in log.sent if topic == "model-events" and value is not None]
    return [msgspec.json.decode(value, type=ModelEvent) for value in values]


async def test_every_version_tells_what_is_new_before_its_examples_are_acked() -> None:
    log = MemoryLog()
    await give(await started(log), log, 0, 12)
    assert log.story == ["models/0", "activity/0", "activity/1", "activity/2", "model-events/0", "ack 6"]
    (event,) = told(log)
    assert (event.model, event.label, event.version, event.type) == ("clusterer", "kmeans@1", 1, "DriftFound")
    assert event.details == {"of": "quantisation error", "before": 0.1, "after": 0.3}


async def test_after_a_restart_the_newest_is_told_again_under_the_same_ids() -> None:
    log = MemoryLog()
    await give(await started(log), log, 0, 12)
    await (await started(log)).assign("app.examples", 0)
    first, again = told(log)
    assert first == again
    model = from_records(await log.read("app.models", 0), b"models@1")
    one, other = (dict(ModelVersionEvents("t", "app", lambda now=now: now).items(model)[0][2]) for now in (0, 99))
    assert one["ce_id"] == other["ce_id"] and one["ce_recordedtime"] != other["ce_recordedtime"]
