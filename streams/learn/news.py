"""What becomes known of the models, as records for `model-events`: CloudEvents 1.0 in binary mode, JSON values."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from models.snapshot import ModelVersion
from profiles.facts import fact_uuid, rfc3339
from streams.runtime.stage import Item

KIND = b"liveprofile.model.event.v1"
_ENCODER = msgspec.json.Encoder()


class ModelEvent(msgspec.Struct, frozen=True, gc=False):
    """Something about a model that became known with a version of the models."""

    model: str
    """The part that it plays: clusterer, predictor, sentiment."""
    label: str | None
    """Name and version of what is in force; None before there is one."""
    version: int
    """Of the models: one number for all."""
    type: Literal["ModelScored", "DriftFound", "ClustersChanged"]
    """How good it is; that what it learns from has changed; what became of its clusters."""
    details: dict[str, Any]
    """The numbers.

    ModelScored: `task`, `validation` (delayed: what was told before the outcome was known), `examples`, `rate`, `auc`,
    `pr_auc`, `log_loss`, `calibration_error`, and the guesses to beat, `rate_log_loss` and `recency_auc`. DriftFound:
    `of`, and the means `before` and `after`. ClustersChanged: ids that `survived`, `emerged` and `vanished`, and those
    that were `split` and `absorbed`, each with what became of it.
    """


class ModelNews:
    """Writes what is new in a model version; a repeat after a crash has the same ids and values."""

    def __init__(self, topic: str, app_id: str, now_ms: Callable[[], int]) -> None:
        """`now_ms` is the clock for `ce_recordedtime`, epoch milliseconds."""
        self.topic = topic
        self._app_id, self._now_ms = app_id, now_ms

    def items(self, model: ModelVersion) -> list[Item]:
        """The records, keyed by the model they are about."""
        labels = {one["what"]: f"{one['name']}@{one['version']}" for one in model.adopted}
        return [self._item(model, at, dict(told), labels) for at, told in enumerate(model.news)]

    def _item(self, model: ModelVersion, place: int, told: dict[str, Any], labels: dict[str, str]) -> Item:
        what, kind = told.pop("model"), told.pop("type")
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", fact_uuid(f"{self._app_id}/models/{model.version}/{place}").encode()),
            ("ce_type", KIND),
            ("ce_source", f"/liveprofile/{self._app_id}".encode()),
            ("ce_subject", what.encode()),
            ("ce_time", rfc3339(model.event_time_ms).encode()),
            ("ce_recordedtime", rfc3339(self._now_ms()).encode()),
            ("ce_sequence", b"%010d" % model.version),
            ("ce_dataschema", b"/schemas/model-events.json"),
            ("content-type", b"application/json"),
        ]
        event = ModelEvent(what, labels.get(what), model.version, kind, told)
        return what.encode(), _ENCODER.encode(event), headers
