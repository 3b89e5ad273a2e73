"""Reads an adoption record with the reader that its `what` field names."""

from collections.abc import Callable, Mapping
from typing import Any

from liveprofile.profiles.anomalies.adopted import ANOMALY_MODEL, AdoptedAnomalyModel
from liveprofile.profiles.predictions.adopted_models import (
    CLUSTERER,
    PREDICTOR,
    SENTIMENT,
    Adopted,
    AdoptedModel,
    AdoptedPredictor,
    AdoptedSentiment,
)
from liveprofile.profiles.predictions.cold_start import PRIORS, AdoptedPriors
from liveprofile.profiles.segments.rules import RULES, RuleSet
from liveprofile.profiles.state.generation import STATE_GENERATION, AdoptedGeneration

READERS: Mapping[str, Callable[[dict[str, Any]], Adopted]] = {
    CLUSTERER: AdoptedModel.from_record,
    PREDICTOR: AdoptedPredictor.from_record,
    SENTIMENT: AdoptedSentiment.from_record,
    PRIORS: AdoptedPriors.from_record,
    ANOMALY_MODEL: AdoptedAnomalyModel.from_record,
    RULES: RuleSet.from_record,
    STATE_GENERATION: AdoptedGeneration.from_record,
}
"""Reader of an adoption, by its `what`; an adoption without `what` is a clusterer."""


def read_adopted(record: Any) -> tuple[str, Adopted]:
    """The kind of the adopted model, and the model. ValueError where the record cannot be read."""
    if not isinstance(record, dict):
        raise ValueError("not an adopted model: a JSON object is needed")
    what = record.get("what", CLUSTERER)
    if what not in READERS:
        raise ValueError(f"an adoption of {what!r}, this program knows {', '.join(READERS)}")
    return what, READERS[what](record)
