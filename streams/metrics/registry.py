"""The registry of one scrape: it makes series of what was read, beside those of the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from liveprofile.streams.metrics.catalogue import CATALOGUE
from liveprofile.streams.metrics.histogram import Histogram
from liveprofile.streams.metrics.metric import Kind, Metric, Reading


class Readings(Collector):
    """Readings as families of the client, in the order of the catalogue. What nothing was read of is absent."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        """KeyError for a metric that is not in the catalogue. Of two readings of one series the later one counts."""
        self._found: dict[Metric, dict[tuple[str, ...], float | Histogram]] = {metric: {} for metric in CATALOGUE}
        for metric, labels, value in readings:
            self._found[metric][labels] = value

    def collect(self) -> Iterator[Family]:
        """The families that have a series."""
        return (_family(metric, series) for metric, series in self._found.items() if series)


def registry(readings: Iterable[Reading]) -> CollectorRegistry:
    """A registry with these readings, the process and the garbage collector; never the global one."""
    made = CollectorRegistry(auto_describe=False)
    made.register(Readings(readings))
    ProcessCollector(registry=made)
    GCCollector(registry=made)
    return made


def _family(metric: Metric, series: dict[tuple[str, ...], float | Histogram]) -> Family:
    if metric.kind is Kind.HISTOGRAM:
        histograms = HistogramMetricFamily(metric.full_name, metric.meaning, labels=metric.labels)
        for labels, value in series.items():
            if isinstance(value, Histogram):
                histograms.add_metric(labels, value.cumulative(), value.sum)
        return histograms
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    numbers = kind(metric.full_name, metric.meaning, labels=metric.labels)
    for labels, value in series.items():
        if not isinstance(value, Histogram):
            numbers.add_metric(labels, value)
    return numbers
