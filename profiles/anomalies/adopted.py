"""The adopted anomaly model, read from its record in the log: calibration knots, alert threshold and trees."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from liveprofile.models.learners.evidence import LEVELS
from liveprofile.profiles.anomalies.evidence import NO_ANOMALY_MODEL
from liveprofile.profiles.anomalies.named import shipped_table
from liveprofile.profiles.anomalies.outlier import NO_TREES, read_trees
from liveprofile.profiles.kernel.context import AnomalyModel
from liveprofile.profiles.state.row import DETECTORS

ANOMALY_MODEL = "alarms"
"""Value of `what` in an adoption of an anomaly model."""


@dataclass(frozen=True, slots=True)
class AdoptedAnomalyModel:
    """Calibration of the detectors' scores, for compiled code, and the record that it was read from."""

    label: str
    """Name and version as facts write them, such as alarms@3."""
    version: int
    anomaly_model: AnomalyModel
    record: dict[str, Any]

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AdoptedAnomalyModel":
        """Read an adoption's `adopted` object. ValueError where its numbers do not fit together."""
        try:
            knots = np.array(record["knots"], np.float64)
            trees = read_trees(record["trees"]) if record.get("trees") else NO_TREES
            threshold, most = float(record["threshold"]), float(record["most"])
            label, version = f"{record['name']}@{record['version']}", int(record["version"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"not adopted alarms: {error!r}; see liveprofile.models.learners.anomalies for their fields"
            ) from error
        if (
            knots.shape != (DETECTORS + 1, LEVELS)
            or not np.isfinite(knots).all()
            or not np.isfinite((threshold, most)).all()
        ):
            raise ValueError(
                f"adopted alarms with knots of shape {knots.shape} and threshold {threshold}: expected finite numbers, "
                f"{(DETECTORS + 1, LEVELS)}; use a worker and a learner of the same version"
            )
        return cls(label, version, AnomalyModel(knots, most, threshold, trees, shipped_table()), record)


def anomaly_model_of(adopted: object) -> AnomalyModel:
    """The anomaly model in force; only named rules before the first adoption."""
    return (
        adopted.anomaly_model
        if isinstance(adopted, AdoptedAnomalyModel)
        else NO_ANOMALY_MODEL._replace(rules=shipped_table())
    )
