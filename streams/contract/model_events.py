"""What becomes known of models and profiles as a whole: records of `model-events`, CloudEvents 1.0 in binary mode."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from liveprofile.profiles.facts.facts import fact_uuid, rfc3339
from liveprofile.streams.transport.record import Item

KIND = b"liveprofile.model.event.v1"
_ENCODER = msgspec.json.Encoder()


class ModelEvent(msgspec.Struct, frozen=True, gc=False):
    """Something about a model, or about all profiles of a partition, that became known."""

    model: str
    """The part that it plays: clusterer, predictor, sentiment; or profiles."""
    label: str | None
    """Name and version of what is in force; None before there is one."""
    version: int
    """Of the models: one number for all; of ProfileQuality the minute, counted since 1970."""
    type: Literal["ModelScored", "DriftFound", "ClustersChanged", "ProfileQuality"]
    """How good it is; that what it learns from has changed; what became of its clusters; how good profiles are."""
    details: dict[str, Any]
    """The numbers.

    ModelScored: `task`, `validation` (delayed: what was told before the outcome was known), `examples`, `rate`, `auc`,
    `pr_auc`, `log_loss`, `calibration_error`, and the guesses to beat, `rate_log_loss` and `recency_auc`. DriftFound:
    `of`, and the means `before` and `after`. ClustersChanged: ids that `survived`, `emerged` and `vanished`, and those
    that were `split` and `absorbed`, each with what became of it. ProfileQuality: `partition`, `profiles` written since
    the summary before, and of their `completeness`, `freshness`, `consistency` and `confidence` each `count`, `mean`,
    `p10`, `p50` and `p90`.
    """


class ModelEvents:
    """Writes events of one app. The id of an event follows from what it is about, so a repeat has the same."""

    def __init__(self, app_id: str, now_ms: Callable[[], int]) -> None:
        """`now_ms` is the clock for `ce_recordedtime`, epoch milliseconds."""
        self._app_id, self._now_ms = app_id, now_ms

    def item(self, event: ModelEvent, about: str, time_ms: int) -> Item:
        """The record, keyed by the model; `about` tells the event from all others of the app."""
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", fact_uuid(f"{self._app_id}/models/{about}").encode()),
            ("ce_type", KIND),
            ("ce_source", f"/liveprofile/{self._app_id}".encode()),
            ("ce_subject", event.model.encode()),
            ("ce_time", rfc3339(time_ms).encode()),
            ("ce_recordedtime", rfc3339(self._now_ms()).encode()),
            ("ce_sequence", b"%010d" % event.version),
            ("ce_dataschema", b"/schemas/model-events.json"),
            ("content-type", b"application/json"),
        ]
        return event.model.encode(), _ENCODER.encode(event), headers
