"""The life of an embedded broker: start, restart, neighbours, sudden ends, and never stopping what is not ours."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from support.paths import ROOT

from liveprofile.streams.admin.topics import create_topics, list_topics
from liveprofile.streams.broker import Broker, BrokerError, probe, process
from liveprofile.streams.broker.class_archive import flags
from liveprofile.streams.broker.jars import jars_folder
from liveprofile.streams.broker.prepare import write_class_archive
from liveprofile.streams.contract.topics import Topic

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of this module's own, which tests may stop, kill and start again; each leaves it running."""
    with Broker(tmp_path_factory.mktemp("lived")) as broker:
        yield broker


async def test_a_broker_keeps_its_records_its_id_and_its_port_over_a_restart(lived: Broker) -> None:
    await create_topics(lived.bootstrap, [Topic("kept", 1)])
    await _send(lived.bootstrap, "kept", b"still here")
    before = lived.running()
    assert before is not None and lived.stop()
    assert not lived.answers()
    after = lived.start().running()
    assert after is not None and after.pid != before.pid
    assert (after.cluster_id, after.port) == (before.cluster_id, before.port)
    assert await _first(lived.bootstrap, "kept") == b"still here"


async def test_acknowledged_records_survive_a_kill_of_the_broker(lived: Broker) -> None:
    await create_topics(lived.bootstrap, [Topic("survives", 1)])
    await _send(lived.bootstrap, "survives", b"acknowledged")
    killed = _process(lived)
    port = lived.bootstrap
    assert lived.kill() and not lived.kill()
    assert not killed.is_running() and lived.running() is None
    lived.start()
    assert lived.bootstrap == port
    assert await _first(lived.bootstrap, "survives") == b"acknowledged"


def test_a_class_archive_is_written_once_and_brokers_start_with_it(tmp_path: Path) -> None:
    """Half of a start was the JVM's parsing of the same classes again."""
    jars = tmp_path / jars_folder().name
    jars.mkdir()
    for jar in jars_folder().glob("*.jar"):
        (jars / jar.name).symlink_to(jar)
    archive = write_class_archive(tmp_path)
    written = archive.stat().st_mtime_ns
    assert write_class_archive(tmp_path).stat().st_mtime_ns == written
    with Broker(tmp_path / "broker", cache_folder=tmp_path) as broker:
        mapped = {Path(found.path) for found in _process(broker).memory_maps()}
    assert archive in mapped
    assert flags(jars, tmp_path / "another java") == []


async def test_a_second_broker_has_its_own_port_and_topics(lived: Broker, broker: Broker, app_id: str) -> None:
    await create_topics(lived.bootstrap, [Topic(app_id, 1)])
    assert lived.bootstrap != broker.bootstrap
    assert await list_topics(broker.bootstrap, [Topic(app_id, 1)]) == {app_id: None}


def test_the_broker_listens_on_loopback_only(lived: Broker) -> None:
    listening = [c.laddr.ip for c in _process(lived).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert len(listening) == 2
    assert all(ip.removeprefix("::ffff:") == "127.0.0.1" for ip in listening)


def test_another_broker_object_on_the_folder_finds_it_and_leaves_it_running(lived: Broker) -> None:
    with Broker(lived.folder) as found:
        assert found.running() == lived.running()
    assert lived.answers()


def test_a_taken_port_is_told_with_the_next_step(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=rf"Port {port} on 127.0.0.1 is in use.*--port"):
            Broker(tmp_path / "b", port).start()


def test_broken_data_is_told_with_the_folder_to_move_away(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.properties").write_text("version=1\n")
    with pytest.raises(BrokerError, match=rf"is broken.*Move {tmp_path} away"):
        Broker(tmp_path).start()


def test_data_that_kafka_refuses_is_told_and_leaves_no_process(tmp_path: Path) -> None:
    with Broker(tmp_path):
        pass
    meta = tmp_path / "data" / "meta.properties"
    meta.write_text(meta.read_text().replace("node.id=1", "node.id=9"))
    broker = Broker(tmp_path)
    with pytest.raises(BrokerError, match="is broken"):
        broker.start()
    assert broker.running() is None and not (tmp_path / "broker.json").exists()


def test_a_process_that_is_not_the_broker_is_never_stopped(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        started = psutil.Process(bystander.pid).create_time()
        process.write(tmp_path, process.RunningBroker(bystander.pid, started, 9092, 9093, "id", "4"))
        assert not Broker(tmp_path).stop()
        assert bystander.poll() is None
        bystander.kill()


def test_a_reused_process_id_is_not_taken_for_the_broker(lived: Broker, tmp_path: Path) -> None:
    running = lived.running()
    assert running is not None
    told = json.loads((lived.folder / "broker.json").read_text())
    earlier = process.RunningBroker(**(told | {"started": told["started"] - 60}))
    assert process.find(lived.folder, running) is not None
    assert process.find(lived.folder, earlier) is None


def test_a_new_process_that_shows_no_command_line_yet_is_not_taken_for_a_dead_broker(tmp_path: Path) -> None:
    """Just after its start a process has an empty command line for a moment; a start under load failed by that."""
    with subprocess.Popen(["sleep", "60"]) as nameless:
        running = process.RunningBroker(nameless.pid, process.started(nameless.pid), 9092, 9093, "id", "4")
        assert process.find(tmp_path, running) is None
        assert process.alive(running) is not None
        nameless.kill()
        nameless.wait()
        assert process.alive(running) is None


def test_the_broker_dies_when_its_owner_is_killed(tmp_path: Path) -> None:
    owner, pid = _owner_of_a_broker(tmp_path)
    owner.kill()
    owner.wait()
    _until(lambda: not psutil.pid_exists(pid))


def test_the_broker_dies_when_its_guard_is_killed_on_linux(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux can tie a process to another one's death")
    owner, pid = _owner_of_a_broker(tmp_path)
    psutil.Process(pid).parent().kill()  # type: ignore[union-attr]
    _until(lambda: not psutil.pid_exists(pid))
    owner.kill()
    owner.wait()


def test_a_detached_broker_outlives_its_starter_and_is_stopped_by_its_folder(tmp_path: Path) -> None:
    owner, pid = _owner_of_a_broker(tmp_path, "detached=True")
    owner.kill()
    owner.wait()
    time.sleep(1.5)
    broker = Broker(tmp_path)
    assert broker.answers()
    assert broker.stop()
    assert not psutil.pid_exists(pid)


def test_a_stop_kills_a_broker_that_does_not_react(lived: Broker) -> None:
    stuck = _process(lived)
    stuck.send_signal(signal.SIGSTOP)
    assert lived.stop(grace_s=0.5)
    assert not stuck.is_running()
    lived.start()


def test_a_port_where_nothing_speaks_kafka_gives_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert probe.ask(silent.getsockname()[1], timeout_s=0.2) is None


def _owner_of_a_broker(folder: Path, more: str = "detached=False") -> tuple[subprocess.Popen[str], int]:
    """Another Python process that has started a broker and waits; and the broker's process id."""
    program = (
        "import time; from liveprofile.streams.broker import Broker; "
        f"b = Broker({str(folder)!r}, {more}).start(); print(b.running().pid, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "."},
    )
    assert owner.stdout is not None
    return owner, int(owner.stdout.readline())


def _process(broker: Broker) -> psutil.Process:
    running = broker.running()
    assert running is not None
    return psutil.Process(running.pid)


def _until(true: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


async def _send(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def _first(bootstrap: str, topic: str) -> bytes | None:
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        return (await consumer.getone()).value  # type: ignore[no-any-return]
