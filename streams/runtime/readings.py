"""What a worker's metrics are read from: its runtime, its health and its stages."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from importlib.metadata import version

from liveprofile.streams.metrics import catalogue as of
from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.runtime.absence import failure_of
from liveprofile.streams.runtime.fence import FencedError
from liveprofile.streams.runtime.health import Health
from liveprofile.streams.runtime.program import PROGRAM
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.runtime.stage import TellsMetrics
from liveprofile.streams.transport.security.expiry import EXPIRY, Expiry

STATES = ("loading", "running", "fenced")


class WorkerReadings:
    """The source of all metrics of a worker; call it at a scrape."""

    def __init__(
        self, runtime: Runtime, health: Health, *, config: str = "", policy: str = "", auth: Expiry = EXPIRY
    ) -> None:
        """`config` and `policy` are digests of what is in force."""
        self._runtime, self._health, self._auth = runtime, health, auth
        self._digests = config, policy

    def __call__(self) -> Iterator[Reading]:
        """All readings."""
        yield of.BUILD_INFO.read(1, PROGRAM, platform.python_version(), f"aiokafka {version('aiokafka')}")
        yield of.CONFIG_INFO.read(1, *self._digests)
        yield from self._of_stages()
        yield from self._of_partitions()
        yield from self._of_group()
        yield from self._of_kafka()

    def _of_stages(self) -> Iterator[Reading]:
        for name, runs in self._runtime.runs.items():
            yield of.STAGE_RECORDS.read(runs.records, name)
            yield of.STAGE_RUN_SECONDS.read(runs.seconds, name)
            yield of.STAGE_RUN_RECORDS.read(runs.sizes, name)
            yield of.LOAD_RECORDS.read(runs.load_records, name)
            yield of.LOAD_SECONDS.read(runs.load_seconds, name)
        for stage in self._runtime.stages:
            if isinstance(stage, TellsMetrics):
                yield from stage.readings()

    def _of_partitions(self) -> Iterator[Reading]:
        now_s, is_fenced = time.time(), self._is_fenced()
        for queue in self._runtime.partition_queues:
            labels = queue.stage.name, queue.topic, str(queue.partition)
            lag, lag_s = self._health.lag(queue)
            yield of.LAG_RECORDS.read(lag.records, *labels)
            yield of.LAG_SECONDS.read(lag_s, *labels)
            yield of.PROGRESS.read(now_s - self._health.still_s(queue), *labels)
            present = "fenced" if is_fenced else "running" if queue.loaded.is_set() else "loading"
            for state in STATES:
                yield of.PARTITION_STATE.read(state == present, *labels, state)

    def _of_group(self) -> Iterator[Reading]:
        yield of.REBALANCES.read(self._runtime.assignments)
        yield of.FENCED.read(self._is_fenced())

    def _of_kafka(self) -> Iterator[Reading]:
        sent = self._runtime.outbox.sent
        for topic, seconds in sent.seconds.items():
            yield of.PRODUCE_SECONDS.read(seconds, topic)
        for (topic, error), count in sent.errors.items():
            yield of.PRODUCE_ERRORS.read(count, topic, error)
        yield of.KAFKA_CONNECTED.read(not self._runtime.outbox.away)
        if (expires_s := self._auth.expires_s) is not None:
            yield of.KAFKA_AUTH_EXPIRES.read(expires_s)
        for outcome, count in self._auth.renewals.items():
            yield of.KAFKA_REAUTH.read(count, outcome)

    def _is_fenced(self) -> bool:
        """Whether that is why this worker ends."""
        refused = any(error == "fenced" for _, error in self._runtime.outbox.sent.errors)
        return refused or isinstance(failure_of(self._runtime.failed), FencedError)
