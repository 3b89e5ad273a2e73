"""The page docs/metrics.md: every metric with its type, its labels and their values."""

from __future__ import annotations

from collections.abc import Iterable

from liveprofile.streams.metrics.catalogue import CATALOGUE, LABELS
from liveprofile.streams.metrics.metric import Kind, Metric

_INTRODUCTION = """# Metrics

<!-- Written by `liveprofile metrics --markdown`; tests compare it with the code, and with scrapes. -->

A worker serves them at `/metrics` on `worker.probe_port`: [Metrics and probes](operations.md#metrics-and-probes). The
query service serves those of the process `serve` at `/metrics` on its own port, to tokens with the scope
`metrics:read`: [Metrics of the service](serve.md#metrics).

Names follow Prometheus: base units, `_total` for counters. Values of labels come from closed lists: none is an id, a
text, an address or a setting. A series that has no value yet is absent, unless a 0 says something: the outcomes, the
codes of dead letters and the stages of a worker are there from its start, those of the stream from the service's.
"""
_CLIENT = """## Of the process

By the client library: `process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_virtual_memory_bytes`,
`process_open_fds`, `process_max_fds`, `process_start_time_seconds`; by `generation`:
`python_gc_objects_collected_total`, `python_gc_objects_uncollectable_total`, `python_gc_collections_total`.
"""


def as_markdown() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, "## Of Liveprofile", "", _table(CATALOGUE), _bounds(CATALOGUE), _CLIENT])


def _table(metrics: Iterable[Metric]) -> str:
    rows = [
        f"| `{one.full_name}` | {one.kind} | {_labels(one)} | {one.process} | {one.meaning} |".replace("  ", " ")
        for one in metrics
    ]
    return "\n".join(["| metric | type | labels | process | meaning |", "| --- | --- | --- | --- | --- |", *rows, ""])


def _labels(metric: Metric) -> str:
    """Each label with its values.

    >>> from liveprofile.streams.metrics.catalogue import ANOMALIES, STAGE_RECORDS
    >>> _labels(STAGE_RECORDS)
    '`stage`: `ingest`, `profile`, `learn`, `items`'
    """
    found = []
    for label in metric.labels:
        values = metric.values.get(label) or LABELS.get(label, "")
        found.append(f"`{label}`: {values}" if values else f"`{label}`")
    return "; ".join(found)


def _bounds(metrics: Iterable[Metric]) -> str:
    """The buckets of the histograms, those that are alike together."""
    alike: dict[tuple[float, ...], list[str]] = {}
    for one in metrics:
        if one.kind is Kind.HISTOGRAM:
            alike.setdefault(tuple(one.bounds), []).append(f"`{one.full_name}`")
    lines = [f"- {', '.join(names)}: {', '.join(f'{bound:g}' for bound in bounds)}." for bounds, names in alike.items()]
    return "\n".join(["### Buckets", "", *lines, ""])
