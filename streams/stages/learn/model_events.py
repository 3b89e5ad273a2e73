"""Events of a model version as records for `model-events`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from liveprofile.models.snapshot import ModelVersion
from liveprofile.streams.contract.model_events import ModelEvent, ModelEvents
from liveprofile.streams.transport.record import Item

SCORES = ("auc", "pr_auc", "log_loss", "calibration_error", "rate_log_loss", "recency_auc")
"""Figures of `ModelScored` that say how good a model is, or what it is compared with."""
ScoreLabels = tuple[str, str, str]
"""Model, task and score."""


def scores(events: Iterable[Mapping[str, Any]]) -> dict[ScoreLabels, float]:
    """The scores in the events of a version.

    >>> scores([{"model": "predictor", "type": "ModelScored", "task": "purchase", "auc": 0.81, "examples": 500}])
    {('predictor', 'purchase', 'auc'): 0.81}
    """
    scored = [event for event in events if event["type"] == "ModelScored"]
    return {
        (str(event["model"]), str(event.get("task", "")), name): float(event[name])
        for event in scored
        for name in SCORES
        if event.get(name) is not None
    }


class ModelVersionEvents:
    """Encodes the events of a model version; a repeat after a crash has the same ids and values."""

    def __init__(self, topic: str, app_id: str, now_ms: Callable[[], int]) -> None:
        """`now_ms` is the clock for `ce_recordedtime`, epoch milliseconds."""
        self.topic = topic
        self._events = ModelEvents(app_id, now_ms)

    def items(self, model: ModelVersion) -> list[Item]:
        """The records, keyed by the model."""
        labels = {one["what"]: f"{one['name']}@{one['version']}" for one in model.adopted}
        return [self._item(model, at, dict(event), labels) for at, event in enumerate(model.events)]

    def _item(self, model: ModelVersion, place: int, details: dict[str, Any], labels: dict[str, str]) -> Item:
        what, kind = details.pop("model"), details.pop("type")
        event = ModelEvent(what, labels.get(what), model.version, kind, details)
        return self._events.item(event, f"{model.version}/{place}", model.event_time_ms)
