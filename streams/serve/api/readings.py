"""What the metrics of the service are read from, at a scrape: its requests, its follower, its store and its stream."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from importlib.metadata import version

from liveprofile.profiles.state.row import ANOMALIES
from liveprofile.streams.clock import now_ms
from liveprofile.streams.metrics import catalogue as of
from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.runtime.program import PROGRAM
from liveprofile.streams.serve.api.requests import Requests
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.anomalies import BANDS, HOUR_MS


class ServiceReadings:
    """The source of all metrics of a service; call it at a scrape."""

    def __init__(self, service: Service, requests: Requests) -> None:
        """At the start of the service."""
        self._service, self._requests = service, requests
        self._start_s = time.monotonic()

    def __call__(self) -> Iterator[Reading]:
        """All readings."""
        yield of.BUILD_INFO.read(1, PROGRAM, platform.python_version(), f"aiokafka {version('aiokafka')}")
        yield from self._of_requests()
        yield from self._of_follower()
        yield from self._of_anomalies()
        yield from self._of_stream()

    def _of_requests(self) -> Iterator[Reading]:
        for (route, method, code), (seconds, sizes) in self._requests.counted().items():
            labels = route, method, f"{code}xx"
            yield of.HTTP_REQUESTS.read(seconds.count, *labels)
            yield of.HTTP_SECONDS.read(seconds, *labels)
            yield of.HTTP_BYTES.read(sizes, *labels)

    def _of_follower(self) -> Iterator[Reading]:
        follower, up_s = self._service.follower, time.monotonic() - self._start_s
        for place in sorted(follower.positions):
            age_s = min(follower.age_s(place.topic, place.partition), up_s)
            yield of.SERVE_LAG.read(age_s, place.topic, str(place.partition))
        yield of.SERVE_PROFILES.read(len(self._service.store.profiles))
        for outcome, times in self._service.waiting.times.items():
            yield of.SERVE_WAIT.read(times, outcome)

    def _of_anomalies(self) -> Iterator[Reading]:
        store = self._service.store
        found = dict(store.anomalies.open)
        for kind in ANOMALIES:
            for _, band in BANDS:
                yield of.ANOMALIES_OPEN.read(found.get((kind, band), 0), kind, band)
        since = now_ms() // HOUR_MS - 24
        active = int((store.profiles.rows["seen_ms"] >= since * HOUR_MS).sum())
        if active:
            raised = sum(count for hour, count in list(store.anomalies.raised.items()) if hour >= since)
            yield of.ALERT_BUDGET.read(raised / (self._service.settings.learn.alert_budget * active / 1000))

    def _of_stream(self) -> Iterator[Reading]:
        hub = self._service.hub
        yield of.SSE_CLIENTS.read(hub.clients)
        for event, count in hub.tally.frames.items():
            yield of.SSE_FRAMES.read(count, event)
        for reason, count in hub.tally.closed.items():
            yield of.SSE_CLOSED.read(count, reason)
        yield of.SSE_REPLAYS.read(hub.tally.replays)
