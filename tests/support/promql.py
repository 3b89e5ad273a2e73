"""Which names an expression of PromQL uses, compared with the catalogue of metrics."""

import re
from collections.abc import Iterator

from liveprofile.streams.metrics.catalogue import CATALOGUE
from liveprofile.streams.metrics.metric import Kind

OF_PROMETHEUS = {"app", "instance", "job"}
"""Labels that a scrape adds."""
OF_THE_CLIENT = {"process_cpu_seconds_total", "process_resident_memory_bytes"}
_SELECTOR = re.compile(r"\b(liveprofile_\w+)(?:\{([^}]*)\})?")
_BY = re.compile(r"\b(?:by|on) \(([\w, ]+)\)")

SERIES: dict[str, set[str]] = {}
"""The labels of each series of the page that is scraped."""
for _metric in CATALOGUE:
    _histogram = _metric.kind is Kind.HISTOGRAM
    for _end in ("_bucket", "_count", "_sum") if _histogram else ("",):
        _le = {"le"} if _end == "_bucket" else set()
        SERIES[_metric.full_name + _end] = {*_metric.labels, *_le, *OF_PROMETHEUS}


def unknown(expression: str) -> Iterator[str]:
    """Series that no worker has, and labels that they do not have."""
    labels = set(OF_PROMETHEUS)
    for name, matchers in _SELECTOR.findall(expression):
        if name not in SERIES:
            yield name
            continue
        labels |= SERIES[name]
        yield from (f"{name}: {one}" for one in re.findall(r"(\w+)\s*[=!]", matchers) if one not in SERIES[name])
    for grouped in _BY.findall(expression):
        yield from (f"by {one}" for one in re.split(r",\s*", grouped) if one not in labels)


def foreign(expression: str) -> set[str]:
    """Series of other programs that are not known here."""
    return set(re.findall(r"\b(?:process|python|kafka|up)_\w+", expression)) - OF_THE_CLIENT
