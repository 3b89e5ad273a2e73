"""The Faust app: the settings that our protocol needs, and one agent per stage that passes record batches on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faust.tables import TableManager
from mode.supervisors import CrashingSupervisor

from liveprofile.streams.contract.topics import Topic
from liveprofile.streams.runtime.record_size import MAX_RECORD_BYTES
from liveprofile.streams.runtime.stage import Stage, haste_of
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, security_of
from liveprofile.streams.transport.consumer import BatchTransport
from liveprofile.streams.transport.faust_credentials import faust_credentials
from liveprofile.streams.transport.pacing import FetchPace
from liveprofile.streams.transport.private_hooks.of_faust import OpenApp
from liveprofile.streams.transport.record_batch import BatchSchema, RecordBatch

SEND_SHARE = 0.1
"""The share of the latency target that records to send wait for those of other partitions; a fetch waits the target."""

Take = Callable[[Stage, Sequence[RecordBatch]], None]
"""Gives a stage what it reads in one fetch."""


@dataclass(frozen=True, slots=True)
class RuntimeConfig:
    """Settings of a worker's runtime; every value but the first two has a default."""

    app_id: str
    """Consumer group, and prefix of the internal topics."""
    bootstrap: Bootstrap
    """Kafka's addresses, `host:port[,host:port]`, or those with the way to connect."""
    partitions: dict[str, int] = field(default_factory=dict)
    """Topics that must exist with exactly this many partitions, else the worker refuses to start."""
    lineage_topic: str = ""
    """Compacted topic that stores the ids of topics; empty: ids are not checked."""
    shapes: tuple[Topic, ...] = ()
    """Topics whose configuration must be safe, else the worker refuses to start."""
    earlier_lineage: str = ""
    """Lineage topic of an application of the same inputs, if there is one that was made under other names; the worker
    then refuses to start. Empty: not looked for."""
    remembered: Mapping[str, str] = field(default_factory=dict)
    """Topics with a checked id, and the consequence if one of them was silently replaced."""
    key_check: str = ""
    """Check value of the pseudonym key, if a stage uses it: another one in the lineage topic is refused."""
    layouts: Mapping[str, int] = field(default_factory=dict)
    """By topic: number of the newest layout that this program can read and write."""
    max_batch_records: int = 5_000
    """Largest number of records of one fetch, and so of a batch that a stage gets."""
    max_queued_batches: int = 2
    """Batches of one partition that may wait; then the partition is paused. Limits memory together with fetch_bytes."""
    fetch_bytes: int = 1024 * 1024
    """Largest size of one fetch of one partition, bytes."""
    latency_target_s: float = 0.025
    """How much later a change may be published so that records are processed together, under light load."""
    commit_every_s: float = 1.0
    session_timeout_s: float = 20.0
    """A worker without a heartbeat for this long loses its partitions."""
    heartbeat_s: float = 3.0
    request_timeout_s: float = 40.0
    """Must not be less than session_timeout_s."""
    rebalance_timeout_s: float = 60.0
    drain_timeout_s: float = 30.0
    """Longest time to finish batches in progress and the final checkpoint when partitions are revoked."""
    max_record_bytes: int = MAX_RECORD_BYTES
    """The limit of one record that a stage sends; at most max.message.bytes of the topics."""
    instance_id: str | None = None
    """Name for static group membership: a worker that returns within its session gets its partitions back at once."""

    def __post_init__(self) -> None:
        _at_most("session_timeout_s", self.session_timeout_s, "request_timeout_s", self.request_timeout_s)
        _at_most("drain_timeout_s", self.drain_timeout_s, "rebalance_timeout_s", self.rebalance_timeout_s)
        for name in ("max_batch_records", "max_queued_batches", "fetch_bytes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")


def _at_most(name: str, value: float, limit_name: str, limit: float) -> None:
    if value > limit:
        raise ValueError(f"{name} is {value}, more than {limit_name} ({limit}); lower the one or raise the other")


class NoTables(TableManager):  # type: ignore[misc]  # Faust is taken as untyped
    """Faust's manager of tables, of which there are none."""

    async def sleep(self, n: float) -> None:
        """Go on at once: Faust waits here for a second at each start, in which tables may still be declared."""


class StageApp(OpenApp):
    """A Faust app that keeps no files."""

    async def on_first_start(self) -> None:
        """Create no data directory: there are no tables."""

    def rebalanced_when_stopped(self) -> None:
        """Do nothing: the stop under way closes the consumer. Faust would close it here, in the wrong event loop."""


def build_app(
    config: RuntimeConfig,
    stages: tuple[Stage, ...],
    *,
    take: Take,
    settle: Callable[[], Awaitable[None]],
) -> Any:
    """A Faust app with one agent per stage. `take` gets all batches; `settle` is awaited before partitions are revoked.

    Delivery, acks, commits and state are ours; agents, topics and group membership are Faust's.
    """
    app = StageApp(
        config.app_id,
        TableManager=NoTables,
        broker=[f"aiokafka://{address}" for address in str(config.bootstrap).split(",")],
        broker_credentials=faust_credentials(client_arguments(config.bootstrap)),
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        processing_guarantee="at_least_once",
        key_serializer="raw",
        value_serializer="raw",
        cython_optimizations=False,
        producer_threaded=False,
        stream_wait_empty=True,
        stream_buffer_maxsize=1024,
        agent_supervisor=CrashingSupervisor,
        consumer_auto_offset_reset="none",
        consumer_max_fetch_size=config.fetch_bytes,
        consumer_group_instance_id=config.instance_id,
        broker_max_poll_records=config.max_batch_records,
        broker_commit_interval=config.commit_every_s,
        broker_session_timeout=config.session_timeout_s,
        broker_heartbeat_interval=config.heartbeat_s,
        broker_request_timeout=config.request_timeout_s,
        broker_rebalance_timeout=config.rebalance_timeout_s,
    )
    agents = {topic: stage.name for stage in stages for topic in stage.topics}
    pace = FetchPace(config.latency_target_s, haste_of(stages))
    app.transport = BatchTransport(app, settle, agents, pace, rack=security_of(config.bootstrap).client_rack)
    for stage in stages:
        _add_agent(app, stage, take)
    return app


def _add_agent(app: Any, stage: Stage, take: Take) -> None:
    async def pass_batches_on(stream: Any) -> None:
        async for batches in stream.noack():
            take(stage, batches)

    app.agent(app.topic(*stage.topics, schema=BatchSchema()), name=stage.name)(pass_batches_on)
