"""What the catalogue says of one metric, and a reading of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from liveprofile.streams.metrics.histogram import Histogram

PREFIX = "liveprofile_"


class Kind(StrEnum):
    """The types of the text format."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Reading(NamedTuple):
    """The value of one series at a scrape."""

    metric: Metric
    labels: tuple[str, ...]
    """In the order of the metric's labels."""
    value: float | Histogram


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name without the prefix, its labels and its meaning."""

    name: str
    kind: Kind
    meaning: str
    """A sentence without a full stop."""
    labels: Sequence[str] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    """By label: its closed values, or where they come from. Those of `LABELS` need no entry."""
    bounds: Sequence[float] = ()
    """Of a histogram: the upper bounds of its buckets."""
    process: str = "worker"
    """The process that has it."""

    def __post_init__(self) -> None:
        if self.kind is Kind.COUNTER and not self.name.endswith("_total"):
            raise ValueError(f"the counter {self.name} has to end in _total")
        if bool(self.bounds) is not (self.kind is Kind.HISTOGRAM):
            raise ValueError(f"{self.name}: a histogram has bounds, and nothing else has")

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def full_name(self) -> str:
        """As on the page that is scraped."""
        return PREFIX + self.name

    def read(self, value: float | Histogram, *labels: str) -> Reading:
        """A reading; `labels` are values in the order of the metric's labels. ValueError for too few or too many."""
        if len(labels) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {tuple(self.labels)}, not {len(labels)} of them")
        return Reading(self, labels, value)


def of_service(metric: Metric) -> Metric:
    """The same, of the query service."""
    return replace(metric, process="serve")


def counter(name: str, meaning: str, *labels: str, **values: str) -> Metric:
    """A number that only rises."""
    return Metric(name, Kind.COUNTER, meaning, labels, values)


def gauge(name: str, meaning: str, *labels: str, **values: str) -> Metric:
    """A number that rises and falls."""
    return Metric(name, Kind.GAUGE, meaning, labels, values)


def histogram(name: str, bounds: Sequence[float], meaning: str, *labels: str, **values: str) -> Metric:
    """Values in buckets."""
    return Metric(name, Kind.HISTOGRAM, meaning, labels, values, bounds)
