"""A summary of profile quality per partition and minute, over the written profiles, without their ids."""

from collections.abc import Iterable

import numpy as np

from liveprofile.profiles.facts.trait_snapshot import Quality
from liveprofile.streams.contract.model_events import ModelEvent, ModelEvents
from liveprofile.streams.transport.record import Item

MINUTE_MS = 60_000
MEASURES = Quality.__struct_fields__
QUANTILES = (0.1, 0.5, 0.9)
LEAST_PROFILES = 10
"""Least number of profiles in a summary: fewer would reveal single shoppers; they wait for the next summary."""


class QualitySummary:
    """Collects the quality of the snapshots that checkpoints write. A profile counts each time that it is written."""

    def __init__(self, partition: int, events: ModelEvents) -> None:
        self._partition, self._events = partition, events
        self._gathered: list[tuple[float | None, ...]] = []
        self._minute = 0

    def gather(self, qualities: Iterable[Quality]) -> None:
        """Add the qualities of written profiles."""
        self._gathered += [tuple(getattr(one, name) for name in MEASURES) for one in qualities]

    def due(self, time_ms: int) -> list[Item]:
        """The summary, at the first checkpoint of a minute of the log's time; nothing otherwise."""
        minute = time_ms // MINUTE_MS
        if minute <= self._minute or len(self._gathered) < LEAST_PROFILES:
            return []
        self._minute = minute
        columns = dict(zip(MEASURES, zip(*self._gathered, strict=True), strict=True))
        numbers = {name: _summary([one for one in values if one is not None]) for name, values in columns.items()}
        details = {"partition": self._partition, "profiles": len(self._gathered), **numbers}
        self._gathered = []
        event = ModelEvent("profiles", None, minute, "ProfileQuality", details)
        return [self._events.item(event, f"quality/{self._partition}/{minute}", minute * MINUTE_MS)]


def _summary(values: list[float]) -> dict[str, float | int]:
    if not values:
        return {"count": 0}
    quantiles = {f"p{share:.0%}"[:-1]: float(np.quantile(values, share)) for share in QUANTILES}
    numbers = {"mean": float(np.mean(values)), **quantiles}
    return {"count": len(values), **{name: round(value, 4) for name, value in numbers.items()}}
