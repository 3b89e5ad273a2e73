"""Adopted models: the models in force, as read from the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from liveprofile.models.clusterers.adoption import read_clusters
from liveprofile.models.learners.scorecard import Scorecards
from liveprofile.profiles.kernel.context import CompiledScorecards
from liveprofile.profiles.predictions.inputs import LAYOUT
from liveprofile.profiles.predictions.scorecard import compile_scorecards


class Adopted(Protocol):
    """A model that is in force, and the record that it was read from."""

    @property
    def label(self) -> str:
        """Name and version as facts write them."""

    @property
    def record(self) -> dict[str, Any]:
        """The adoption record from the log, to be kept with the state."""


@dataclass(frozen=True, slots=True)
class AdoptedModel:
    """Centres (c, k) int16 on the scale of VECTOR_ONE, their stable ids (c,), and the version that facts name."""

    label: str
    """Name and version as facts write them, such as kmeans@12."""
    version: int
    ids: npt.NDArray[np.int64]
    centres: npt.NDArray[np.int16]
    record: dict[str, Any]
    """The adoption record from the log, to be kept with the state."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Names of the clusters, by id."""

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AdoptedModel":
        """Read an adoption's `adopted` object. ValueError where its numbers do not fit together."""
        clusters = read_clusters(record)
        return cls(clusters.label, clusters.version, clusters.ids, clusters.centres, record, clusters.names)


NO_MODEL = AdoptedModel("none", 0, np.zeros(0, np.int64), np.zeros((0, 1), np.int16), {})
"""Before the first adoption."""


@dataclass(frozen=True, slots=True)
class AdoptedPredictor:
    """The adopted scorecards of the prediction tasks."""

    label: str
    """Name and version as facts write them, such as scorecards@12."""
    scorecards: CompiledScorecards
    record: dict[str, Any]
    """The adoption record from the log, to be kept with the state."""

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AdoptedPredictor":
        """Read an adoption. ValueError where its numbers do not fit together."""
        scorecards = Scorecards.from_record(record, LAYOUT)
        return cls(scorecards.label, compile_scorecards(scorecards), record)


@dataclass(frozen=True, slots=True)
class AdoptedSentiment:
    """The adopted sentiment model for the words of reviews."""

    label: str
    """Name and version as facts write them, such as stars@12."""
    weights: npt.NDArray[np.float64]
    """Weights (dims + 2,): of the embedding, of the tone, and the intercept."""
    record: dict[str, Any]
    """The adoption record from the log, to be kept with the state."""

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AdoptedSentiment":
        """Read an adoption. ValueError if it has no numbers."""
        try:
            weights = np.array(record["weights"], dtype=float)
            label = f"{record['name']}@{record['version']}"
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"not an adopted sentiment: {error!r}; see liveprofile.models.learners.sentiment"
            ) from error
        return cls(label, weights.reshape(-1), record)


CLUSTERER, PREDICTOR, SENTIMENT = "clusterer", "predictor", "sentiment"
