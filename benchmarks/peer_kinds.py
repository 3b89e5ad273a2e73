"""The applications that `benchmarks.peers` compares: how each is started, and where its facts and its state are."""

import asyncio
import os
import pickle
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from benchmarks.latency import start_command
from benchmarks.shop import Shop
from liveprofile.profiles.state.generation import FIRST
from liveprofile.streams.runtime.partition_state import read_partition

ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
STOP_S = 60.0
"""What a peer may take to leave."""
EPOCH_S = 10

States = dict[bytes, bytes]
"""Encoded profiles by profile id."""


@dataclass(frozen=True)
class Peer:
    """One application."""

    name: str
    command: tuple[str, ...] = ()
    """Arguments of Python; empty for our worker."""
    package: str | None = None
    """What has to be in .venv-peers; None for an application that runs in the project's own environment."""
    wheels: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    is_slow: bool = False
    settle_s: float = 0.0
    """How long its state may take to be written when nothing comes any more."""

    def facts(self, shop: Shop) -> list[str]:
        """The topics of its facts."""
        return [f"{self.name}-facts"] if self.command else [shop.topics.profile_changes]

    async def prepare(self, shop: Shop) -> None:
        """Create its topics, with the partitions of the shop's."""
        if not self.command:
            return
        folder = Path(shop.settings.data_dir) / self.name
        folder.mkdir(exist_ok=True)
        partitions = shop.topics.partitions
        admin = AIOKafkaAdminClient(bootstrap_servers=shop.bootstrap)
        await admin.start()
        try:
            topics = [NewTopic(f"{self.name}-{what}", partitions, 1) for what in ("activity", "facts")]
            await admin.create_topics(topics)
        finally:
            await admin.close()
        if self.package == "bytewax":
            command = [str(PEER_PYTHON), "-m", "bytewax.recovery", str(folder), str(partitions)]
            await asyncio.to_thread(subprocess.run, command, check=True)

    def start(self, shop: Shop) -> "subprocess.Popen[bytes]":
        """Its process."""
        if not self.command:
            return start_command(shop, "worker")
        environment = os.environ | self.environment
        environment |= {
            "PEER_NAME": self.name,
            "PEER_BOOTSTRAP": shop.bootstrap,
            "PEER_FOLDER": shop.settings.data_dir,
            "PEER_APP_ID": shop.settings.app_id,
            "PEER_PARTITIONS": str(shop.topics.partitions),
            "PYTHONPATH": str(ROOT),
        }
        python = sys.executable if self.package is None else str(PEER_PYTHON)
        folder = Path(shop.settings.data_dir) / self.name
        command = [python, *(word.replace("FOLDER", str(folder)) for word in self.command)]
        with self.log(shop).open("ab") as output:
            return subprocess.Popen(command, env=environment, stdout=output, stderr=output)

    def log(self, shop: Shop) -> Path:
        """What its processes say."""
        return Path(shop.settings.data_dir) / f"{self.name if self.command else 'worker'}.log"

    def check(self, process: "subprocess.Popen[bytes]", shop: Shop) -> Callable[[], None]:
        """Raises SystemExit with the end of the log once the process has ended."""

        def alive() -> None:
            if process.poll() is not None:
                raise SystemExit(f"{self.name} ended with {process.returncode}:\n{self.log(shop).read_text()[-3_000:]}")

        return alive

    async def states(self, shop: Shop) -> States:
        """What a new process would restore: the profiles in its state; no process may be running."""
        if self.package == "bytewax":
            return _of_recovery_store(Path(shop.settings.data_dir) / self.name)
        if not self.command:
            return await _latest(shop, shop.topics.state_of(FIRST))
        if self.package is None:
            return await _latest(shop, f"{self.name}-profiles-changelog")
        return await _of_quix(shop, f"{self.name}-activity")


async def _latest(shop: Shop, topic: str) -> States:
    """The newest value of each profile on a compacted topic."""
    found: States = {}
    for partition in range(shop.topics.partitions):
        async for records in read_partition(shop.bootstrap, topic, partition):
            found |= {key: value for key, value, _ in records if key and value and not key.startswith(b"\x00")}
    return found


async def _of_quix(shop: Shop, topic: str) -> States:
    """The newest profiles on Quix's changelog; its keys are the profile id, a bar and the state's key."""
    found = await _latest(shop, f"changelog__quix--{topic}--default")
    return {key[:32]: value for key, value in found.items() if key[32:33] == b"|"}


def _of_recovery_store(folder: Path) -> States:
    """The snapshots of Bytewax's recovery store, newest epoch first."""
    found: dict[str, tuple[int, bytes]] = {}
    for part in folder.glob("*.sqlite3"):
        with closing(sqlite3.connect(part)) as store:
            query = "SELECT state_key, snap_epoch, ser_change FROM snaps WHERE step_id LIKE '%profiles%'"
            for key, epoch, change in store.execute(query):
                if change is not None and epoch > found.get(key, (-1, b""))[0]:
                    found[key] = epoch, change
    return {key.encode(): pickle.loads(change)[1] for key, (_, change) in found.items()}


PEERS = {
    peer.name: peer
    for peer in (
        Peer("liveprofile"),
        Peer(
            "quix_streams",
            ("-m", "benchmarks.peer_apps.quix"),
            "quixstreams",
            "quixstreams 3.28.1 needs wheels of confluent-kafka 2.12 and rocksdict 0.3",
        ),
        Peer(
            "bytewax",
            ("-m", "bytewax.run", "benchmarks.peer_apps.bytewax_flow", "-r", "FOLDER", "-s", str(EPOCH_S), "-b", "0"),
            "bytewax",
            "its last release, 0.21.1, has wheels for Python 3.8 to 3.12",
            settle_s=2.5 * EPOCH_S,
        ),
        Peer("stock_faust", ("-m", "benchmarks.peer_apps.stock_faust", "worker", "-l", "warn"), is_slow=True),
        Peer(
            "stock_faust_take",
            ("-m", "benchmarks.peer_apps.stock_faust", "worker", "-l", "warn"),
            environment={"PEER_TAKE": "1"},
        ),
    )
}
