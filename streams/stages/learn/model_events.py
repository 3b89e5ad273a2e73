"""What becomes known of the models with a version of them, as records for `model-events`."""

from collections.abc import Callable
from typing import Any

from liveprofile.models.snapshot import ModelVersion
from liveprofile.streams.contract.model_events import ModelEvent, ModelEvents
from liveprofile.streams.transport.record import Item


class ModelVersionEvents:
    """Writes what is new in a model version; a repeat after a crash has the same ids and values."""

    def __init__(self, topic: str, app_id: str, now_ms: Callable[[], int]) -> None:
        """`now_ms` is the clock for `ce_recordedtime`, epoch milliseconds."""
        self.topic = topic
        self._events = ModelEvents(app_id, now_ms)

    def items(self, model: ModelVersion) -> list[Item]:
        """The records, keyed by the model they are about."""
        labels = {one["what"]: f"{one['name']}@{one['version']}" for one in model.adopted}
        return [self._item(model, at, dict(told), labels) for at, told in enumerate(model.events)]

    def _item(self, model: ModelVersion, place: int, told: dict[str, Any], labels: dict[str, str]) -> Item:
        what, kind = told.pop("model"), told.pop("type")
        event = ModelEvent(what, labels.get(what), model.version, kind, told)
        return self._events.item(event, f"{model.version}/{place}", model.event_time_ms)
