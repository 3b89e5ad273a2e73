"""A shop under test: its broker, topics, workers and traffic, all of a trial's own and all on this machine."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liveprofile.models.manifest import Manifest
from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.contract.topics import Topics
from tests.faults.lag import LagMeter, Recoveries
from tests.faults.supply import Supply
from tests.faults.workers import Worker, Workers
from tests.support.texts import keep_texts, lend_texts

if TYPE_CHECKING:
    from tests.faults.trial import Trial

MODEL = Path(__file__).resolve().parents[2] / ".liveprofile" / "model"
USERS = 3_000
KEY = "a key for tests only"
SESSION_S = 6
"""The shortest session that settings allow, so that a run is short: recovery after kill -9 waits for its end."""
DRAIN_S = 300.0
QUIET_S = 1.0
"""Nothing may wait for so long before a shop counts as drained: a run in flight between two stages is not seen."""


class Shop:
    """An application on a broker.

    `broker` is anything with `bootstrap` (a running broker, a cluster, a proxy before one); by default it is the
    trial's, or with `own_broker` or a trial that has none, one that the shop starts. `settings` are further environment
    variables of the workers; `prefix` is that of the topics, the application's id by default.
    """

    def __init__(
        self,
        trial: Trial,
        *,
        broker: Any = None,
        own_broker: bool = False,
        partitions: int = 4,
        replication: int = 1,
        users: int = USERS,
        settings: dict[str, str] | None = None,
        prefix_internal: bool = True,
        prefix: str | None = None,
    ) -> None:
        if not MODEL.is_dir():
            raise SystemExit(f"There is no exported model in {MODEL}: run make setup.")
        self.trial = trial
        self.model_id = Manifest.load(MODEL).model_id
        app_id = f"fault-{uuid.uuid4().hex[:8]}"
        begins = f"{app_id}-" if prefix is None else prefix
        self.topics = Topics(app_id, partitions, begins, prefix_internal)
        self.folder = trial.folder / self.topics.app_id
        self.broker = broker or (None if own_broker else trial.broker)
        self.worker_bootstrap: str | None = None
        """Where workers connect to, if not to the broker itself: a proxy."""
        self._own_broker: Broker | None = None
        self._replication = replication
        self._users = users
        self._settings = settings or {}
        self._supply: Supply | None = None
        self._meter: LagMeter | None = None

    @property
    def bootstrap(self) -> str:
        """Where the harness connects to."""
        return str(self.broker.bootstrap)

    @property
    def supply(self) -> Supply:
        """The traffic."""
        if self._supply is None:
            topics = self.topics
            self._supply = Supply(self.bootstrap, topics.inputs, topics.prefix, self.trial.seed, self._users)
        return self._supply

    async def open(self) -> None:
        """Start the broker, create the topics, make ready for workers."""
        self.folder.mkdir(parents=True)
        if self.broker is None:
            self._own_broker = self.broker = Broker(self.folder / "broker")
            await asyncio.to_thread(self._own_broker.start)
        await create_topics(self.bootstrap, self.topics, replication=self._replication)
        self.workers = Workers(self.folder, self.environment(self.folder / "data"), warm=self.trial.warm)
        self.workers.open()
        if self.trial.warm:
            lend_texts(self.folder / "data")
        self._meter = LagMeter(
            self.bootstrap, self.topics.group, (*self.topics.inputs, self.topics.activity), self.topics.partitions
        )
        self.recoveries = Recoveries(self._meter, lambda: self.supply.rate, self.trial.recoveries)
        self.recoveries.begin()

    async def close(self) -> None:
        """End everything that was started here."""
        if self._meter is not None:
            await self.recoveries.end()
            await self._meter.__aexit__()
            await self.workers.close()
            if self.trial.warm:
                keep_texts(self.folder / "data")
        if self._own_broker is not None:
            await asyncio.to_thread(self._own_broker.stop)

    def environment(self, data: Path) -> dict[str, str]:
        """The settings of this shop's workers, with their files in `data`."""
        return {
            "LIVEPROFILE_APP_ID": self.topics.app_id,
            "LIVEPROFILE_BOOTSTRAP": self.worker_bootstrap or self.bootstrap,
            "LIVEPROFILE_TOPIC_PREFIX": self.topics.prefix,
            "LIVEPROFILE_PARTITIONS": str(self.topics.partitions),
            "LIVEPROFILE_DATA_DIR": str(data),
            "LIVEPROFILE_MODEL_DIR": str(MODEL),
            "LIVEPROFILE_PSEUDONYM_KEY": KEY,
            "LIVEPROFILE_LOG__FORMAT": "json",
            "LIVEPROFILE_WORKER__SESSION_TIMEOUT_S": str(SESSION_S),
            "LIVEPROFILE_WORKER__HEARTBEAT_S": "1",
            "LIVEPROFILE_WORKER__COMMIT_INTERVAL_S": "0.25",
            "LIVEPROFILE_PROFILE__CHECKPOINT_S": "0.25",
            "LIVEPROFILE_PROFILE__TICK_S": "2",
            "LIVEPROFILE_ITEMS__CHECKPOINT_S": "0.25",
            "LIVEPROFILE_LEARN__FIRST_MODEL_AFTER": "100",
            "LIVEPROFILE_LEARN__MODEL_EVERY": "1000",
            **({"LIVEPROFILE_PROFILE__STATE": self.trial.state} if self.trial.state != "memory" else {}),
            **self._settings,
        }

    async def send(self, count: int, rate: float = 0.0) -> None:
        """Send so many further events; see `Supply.send`."""
        await self.supply.send(count, rate)

    def traffic(self, rate: float, count: int | None = None) -> asyncio.Task[None]:
        """Begin to send the trial's events in the background; await what is returned to see them all sent."""
        self._traffic = asyncio.create_task(self.send(count or self.trial.events, rate))
        return self._traffic

    async def until_sent(self, count: int) -> None:
        """Wait until so many events have gone out; raises what went wrong with the traffic."""
        while self.supply.sent < count:
            await asyncio.sleep(0.02)
            if self._traffic.done():
                self._traffic.result()
                return

    async def drain(self, within_s: float = DRAIN_S) -> None:
        """Wait until nothing waits any more. TimeoutError with the last lag after `within_s`."""
        loop = asyncio.get_running_loop()
        deadline, quiet_since = loop.time() + within_s, None
        while quiet_since is None or loop.time() - quiet_since < QUIET_S:
            lag = await self._meter.now() if self._meter else None
            # A tick may be under way at any time: it does not count, and the fold takes it with what comes next.
            quiet_since = (quiet_since or loop.time()) if lag is not None and lag <= self.topics.partitions else None
            if loop.time() > deadline:
                raise TimeoutError(f"{lag} records still wait after {within_s:.0f} s")
            await asyncio.sleep(0.1)

    async def ended(self, worker: Worker, within_s: float) -> int:
        """Wait until a worker that is not supervised has ended; gives its exit code. TimeoutError after `within_s`."""
        worker.supervised = False
        async with asyncio.timeout(within_s):
            while worker.runs:  # noqa: ASYNC110 - a process tells nobody
                await asyncio.sleep(0.05)
        self.workers.alive.remove(worker)
        return worker.child.process.returncode

    async def stop_workers(self) -> None:
        """Stop every worker in order; each must settle and exit with 0."""
        await self.workers.stop_all()

    async def start_afresh(self) -> None:
        """Start one worker that finds no files of its own: an empty disk."""
        self.workers.environment |= self.environment(self.folder / f"data-{uuid.uuid4().hex[:6]}")
        await self.workers.start()
