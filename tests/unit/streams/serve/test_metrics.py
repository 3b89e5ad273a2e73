"""Metrics of the service: what was asked, how far it is, who listens; to those who may see them, without shoppers."""

import time
from typing import Any
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.serving import Shop, snapshot
from support.serving_fakes import TOPICS, profile_id

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.streams.metrics.catalogue import CATALOGUE
from liveprofile.streams.metrics.metric import PREFIX
from liveprofile.streams.serve.api.requests import AT_ONCE, Requests

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def anomaly(number: int, *, step: int = 1, state: str = "raised", severity: int = 60) -> dict[str, Any]:
    """A step of an anomaly, as far as the store reads it."""
    return {
        "anomaly_id": str(UUID(int=number)),
        "state": state,
        "kind": "velocity",
        "step": step,
        "severity": severity,
        "first_seen": "2026-05-28T12:00:00.000Z",
        "last_seen": "2026-05-28T12:00:00.000Z",
    }


async def scraped(shop: Shop, token: str | None = None) -> Series:
    """Every series of a scrape."""
    answer = await shop.ask("/metrics", token=token)
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=")
    samples = [one for family in text_string_to_metric_families(answer.body.decode()) for one in family.samples]
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}


def of(found: Series, name: str, **labels: Any) -> float:
    return found[PREFIX + name, tuple(sorted((key, str(value)) for key, value in labels.items()))]


async def test_a_service_has_every_documented_series_and_no_other(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1) | {"last_seen": rfc3339(int(time.time() * 1000))})
    await shop.ask("/v1/meta")
    names = {name for name, _ in await scraped(shop) if name.startswith(PREFIX)}
    documented = {one.full_name for one in CATALOGUE if "serve" in one.process}
    bases = {one.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for one in names}
    assert documented == {one for one in bases if one != "liveprofile_info"}


async def test_requests_are_counted_by_route_method_and_class_with_time_and_size(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    sizes = [len((await shop.ask(f"/v1/profiles/{profile_id(1)}")).body) for _ in range(3)]
    await shop.ask(f"/v1/profiles/{profile_id(2)}")
    await shop.ask(f"/v1/profiles/{profile_id(1)}/nothing-like-this")
    await shop.ask("/v1/meta", method="BREW")
    found = await scraped(shop)
    read = {"route": "/v1/profiles/{profile_id}", "method": "GET"}
    assert of(found, "http_requests_total", **read, code="2xx") == 3
    assert of(found, "http_response_bytes_sum", **read, code="2xx") == sum(sizes)
    assert 0 < of(found, "http_request_seconds_sum", **read, code="2xx") < 60
    assert of(found, "http_requests_total", route="other", method="GET", code="4xx") == 1
    assert of(found, "http_requests_total", route="other", method="other", code="4xx") == 1


async def test_no_series_has_an_id_of_a_shopper(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    for path in (f"/v1/profiles/{profile_id(1)}", f"/v1/profiles/{profile_id(1)}/changes", f"/{profile_id(1)}"):
        await shop.ask(path)
    text = (await shop.ask("/metrics")).body.decode()
    assert profile_id(1) not in text


def test_requests_are_counted_together_and_none_is_forgotten() -> None:
    requests = Requests()
    for _ in range(AT_ONCE + 7):
        requests.note("/v1/meta", "GET", 200, 0.001, 10)
    ((seconds, sizes),) = requests.counted().values()
    assert (seconds.count, sizes.sum) == (AT_ONCE + 7, 10.0 * (AT_ONCE + 7))


async def test_metrics_need_a_scope_of_their_own_once_there_is_a_token(shop: Shop) -> None:
    reader = shop.tokens.create("crm", ("profile:read",))
    scraper = shop.tokens.create("prometheus", ("metrics:read",))
    assert (await shop.ask("/metrics")).problem == "no-token"
    assert (await shop.ask("/metrics", token=reader)).problem == "not-allowed"
    assert of(await scraped(shop, scraper), "serve_profiles") == 0
    assert (await shop.ask(f"/v1/profiles/{profile_id(1)}", token=scraper)).problem == "not-allowed"


async def test_lag_is_the_age_of_the_proof_and_at_most_the_time_since_the_start(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    began_s = time.monotonic()
    monkeypatch.setattr(shop.follower, "age_s", lambda topic, partition: 0.0 if partition else float("inf"))
    found = await scraped(shop)
    assert of(found, "serve_lag_seconds", topic=TOPICS.profiles, partition=1) == 0
    assert 0 <= of(found, "serve_lag_seconds", topic=TOPICS.profiles, partition=0) <= time.monotonic() - began_s + 60


async def test_waits_are_counted_by_what_came_of_them(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    path = f"/v1/profiles/{profile_id(1)}"
    for offset in (0, 99):
        after = {"Liveprofile-After": f"{TOPICS.profiles}/0@{offset}", "Prefer": "wait=1"}
        await shop.ask(path, headers=after)
    found = await scraped(shop)
    assert of(found, "serve_wait_seconds_count", outcome="given_up") == 1
    assert of(found, "serve_wait_seconds_sum", outcome="given_up") >= 0.9
    assert of(found, "serve_wait_seconds_count", outcome="reached") == 1


async def test_the_stream_counts_its_events_and_its_clients_that_left(shop: Shop) -> None:
    await shop.ask("/v1/stream", stream_until=2)
    found = await scraped(shop)
    assert of(found, "sse_clients") == 0
    assert of(found, "sse_frames_total", event="live") == 1
    assert of(found, "sse_closed_total", reason="left") == 1
    assert of(found, "sse_replays_total") == 0
    assert of(found, "http_requests_total", route="/v1/stream", method="GET", code="2xx") == 1


async def test_open_anomalies_are_counted_once_at_their_last_step_until_they_are_cleared(shop: Shop) -> None:
    def put(step: int, state: str, severity: int) -> None:
        shop.put(TOPICS.profile_anomalies, profile_id(1), anomaly(1, step=step, state=state, severity=severity))

    put(1, "raised", 60)
    put(2, "updated", 90)
    found = await scraped(shop)
    assert of(found, "anomalies_open", kind="velocity", severity="80-100") == 1
    assert of(found, "anomalies_open", kind="velocity", severity="50-79") == 0
    put(3, "cleared", 10)
    found = await scraped(shop)
    assert sum(value for (name, _), value in found.items() if name == "liveprofile_anomalies_open") == 0


async def test_the_alert_budget_is_what_was_raised_in_a_day_to_what_is_allowed(shop: Shop) -> None:
    now = rfc3339(int(time.time() * 1000))
    for number in range(10):
        shop.put(TOPICS.profiles, profile_id(number), snapshot(number) | {"last_seen": now})
    shop.put(TOPICS.profile_anomalies, profile_id(1), anomaly(1) | {"first_seen": now})
    shop.put(TOPICS.profile_anomalies, profile_id(2), anomaly(2) | {"first_seen": "2020-01-01T00:00:00Z"})
    allowed = shop.settings.learn.alert_budget * 10 / 1000
    assert of(await scraped(shop), "alert_budget_ratio") == pytest.approx(1 / allowed)
    shop.put(TOPICS.profiles, profile_id(1), None)
