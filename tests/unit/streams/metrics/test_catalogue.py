"""The catalogue: names as Prometheus wants them, closed labels, and a page that is current."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.paths import ROOT

from liveprofile.streams.metrics.catalogue import CATALOGUE, EVENTS, LABELS, STAGE_RUN_SECONDS
from liveprofile.streams.metrics.histogram import Histogram
from liveprofile.streams.metrics.metric import Kind, Metric, counter
from liveprofile.streams.metrics.page import as_markdown
from liveprofile.streams.metrics.registry import registry
from liveprofile.streams.metrics.scrape import scrape

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
UNITS = ("_seconds", "_bytes", "_records", "_texts", "_profiles", "_info", "_total")
PLAIN = {
    "partition_state", "profiles", "items", "kafka_connected", "model_version", "model_score", "serve_profiles",
    "anomalies_open", "alert_budget_ratio", "sse_clients",
}  # fmt: skip
"""Gauges that count what their name says, or are a number without a unit."""


def test_the_page_of_metrics_is_current() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert page == as_markdown(), "run: liveprofile metrics --markdown > docs/metrics.md"


def test_no_two_metrics_have_one_name() -> None:
    names = [one.name for one in CATALOGUE]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.name)
def test_every_metric_has_a_unit_a_meaning_and_labels_with_known_values(one: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", one.name)
    assert one.name.endswith(UNITS) or one.name in PLAIN
    assert one.meaning and not one.meaning.endswith(".")
    unknown = [label for label in one.labels if not (one.values.get(label) or LABELS.get(label))]
    assert unknown == [] or one.name == "build_info"
    assert not set(one.values) - set(one.labels)


def test_no_label_can_hold_an_id_a_text_or_an_address() -> None:
    labels = {label for one in CATALOGUE for label in one.labels}
    assert not [name for name in labels if re.search(r"user|profile|item|host|query|address|_id|broker$", name)]


def test_a_counter_says_so_in_its_name() -> None:
    with pytest.raises(ValueError, match="_total"):
        counter("events", "Events")


def test_a_reading_has_a_value_for_each_label() -> None:
    with pytest.raises(ValueError, match="events_total has the labels"):
        EVENTS.read(1, "clicks")


def test_a_reading_outside_the_catalogue_is_refused() -> None:
    with pytest.raises(KeyError):
        registry([counter("other_total", "Others").read(1)])


def test_a_scrape_has_what_was_read_and_nothing_else() -> None:
    times = Histogram(STAGE_RUN_SECONDS.bounds)
    times.add(0.02, 3)
    read = [EVENTS.read(7, "clicks", "accepted"), STAGE_RUN_SECONDS.read(times, "ingest")]
    text = scrape(registry(read), "", "").body.decode()
    found = {family.name: family for family in text_string_to_metric_families(text)}
    ours = [name for name in found if name.startswith("liveprofile_")]
    assert ours == ["liveprofile_events", "liveprofile_stage_run_seconds"]
    assert found["liveprofile_events"].samples[0].value == 7
    buckets = {one.labels.get("le"): one.value for one in found["liveprofile_stage_run_seconds"].samples}
    assert (buckets["0.01"], buckets["0.025"], buckets["+Inf"]) == (0, 3, 3)
    assert {"process_start_time_seconds", "python_gc_collections"} <= found.keys()


def test_the_answer_has_the_format_and_the_encoding_that_were_asked_for() -> None:
    import gzip

    read = [EVENTS.read(7, "clicks", "accepted")]
    plain = scrape(registry(read), "", "")
    assert plain.headers["Content-Type"].startswith("text/plain; version=")
    asked = scrape(registry(read), OPEN_METRICS, "gzip, deflate")
    assert asked.headers["Content-Type"].startswith("application/openmetrics-text")
    assert asked.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(asked.body).endswith(b"# EOF\n")


def test_a_histogram_counts_a_batch_at_once() -> None:
    batch, single = Histogram((1.0, 2.0)), Histogram((1.0, 2.0))
    batch.add(1.5, 100)
    for _ in range(100):
        single.add(1.5)
    assert (batch.counts, batch.sum, batch.count) == (single.counts, single.sum, 100)
    assert Kind.HISTOGRAM == "histogram"
