"""Pods of the chart read settings that exist, with values that the program takes, and secrets from files alone."""

from pathlib import Path

import pytest
import yaml
from support.chart import CHART, EXAMPLES, environment, named, pods, rendered, settings_file
from support.tools import run, tool

from deploy.values_schema import GIVEN_BY_THE_CHART
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.fields import walk
from liveprofile.streams.settings.load import load

VARIABLES = {field.variable: field for field in walk(Settings)}
OTHERS = {"LIVEPROFILE_CONFIG", "NUMBA_CACHE_DIR", "OMP_NUM_THREADS"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_pod_has_settings_that_the_program_takes(example: str, tmp_path: Path) -> None:
    for component, pod in pods(example):
        variables = environment(pod)
        assert set(variables) - OTHERS <= set(VARIABLES)
        del variables["LIVEPROFILE_CONFIG"]
        settings = load(settings_file(example, pod, tmp_path), variables).settings
        if component != "topics":
            assert settings.worker.stages == (component,)
            assert settings.worker.instance_id == ("some-pod-0" if component in ("profile", "items") else "")
            assert (settings.worker.probe_host, settings.worker.probe_port) == ("0.0.0.0", 8087)


def test_values_reach_the_program(tmp_path: Path) -> None:
    pod = dict(pods("password"))["ingest"]
    variables = environment(pod)
    settings = load(settings_file("password", pod, tmp_path), variables | {"LIVEPROFILE_CONFIG": ""}).settings
    assert (settings.topic_prefix, settings.partitions, settings.timezone) == ("shop-a-", 24, "Europe/Berlin")
    assert (settings.profile.state, settings.items.checkpoint_max_pairs) == ("rocksdb", 20_000_000)
    assert settings.profile.policy.action_weights["favourite"] == 3
    assert settings.kafka.sasl_mechanism == "SCRAM-SHA-512"


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_file_that_a_setting_names_is_mounted(example: str) -> None:
    for _, pod in pods(example):
        mounts = {mount["mountPath"]: mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        assert set(mounts.values()) <= set(volumes) | {"data"}
        for name, value in environment(pod).items():
            if not value.startswith("/etc/"):
                continue
            folder, _, file = value.rpartition("/")
            volume = volumes[mounts[folder]]
            sources = [part["secret"] for part in volume["projected"]["sources"]] if "projected" in volume else []
            paths = [
                item["path"] for source in (*sources, volume.get("configMap", {})) for item in source.get("items", ())
            ]
            assert name == "LIVEPROFILE_CONFIG" or file in paths


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_variable_and_no_file_of_settings_holds_a_secret(example: str) -> None:
    secret = {field.name for field in VARIABLES.values() if field.is_secret}
    assert secret <= GIVEN_BY_THE_CHART
    assert "Secret" not in {one["kind"] for one in rendered(example)}
    for _, pod in pods(example):
        assert all("secretKeyRef" not in one.get("valueFrom", {}) for one in pod["containers"][0]["env"])
        assert not {VARIABLES[name].name for name in environment(pod) if name in VARIABLES} & secret


def test_only_the_stage_that_needs_it_gets_the_pseudonym_key() -> None:
    having = {component for component, pod in pods("smallest") if "LIVEPROFILE_PSEUDONYM_KEY_FILE" in environment(pod)}
    assert having == {"ingest"}


def test_a_stage_connects_as_the_user_that_strimzi_makes_for_it() -> None:
    for stage, pod in pods("strimzi"):
        assert environment(pod)["LIVEPROFILE_KAFKA__USERNAME"] == f"shop-liveprofile-{stage}"
        assert named("strimzi", "KafkaUser", f"shop-liveprofile-{stage}")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"settings": {"partitons": 8}}, "partitons"),
        ({"settings": {"partitions": 0}}, "partitions"),
        ({"settings": {"ingest": {"batch_max": "many"}}}, "batch_max"),
        ({"settings": {"worker": {"instance_id": "a"}}}, "instance_id"),
        ({"settings": {"pseudonym_key": "0123456789abcdef"}}, "pseudonym_key"),
        ({"stages": {"learn": {"replicas": 2}}}, "replicas"),
        ({"settings": {"bootstrap": ""}}, "settings.bootstrap is missing"),
        ({"pseudonymKey": {"existingSecret": ""}}, "kubectl create secret"),
        ({"strimzi": {"topics": {"enabled": True}}}, "strimzi.cluster is missing"),
        ({"strimzi": {"cluster": "a", "users": {"enabled": True}}}, "strimzi.users needs strimzi.topics"),
    ],
)
def test_values_that_would_not_work_are_refused_before_anything_is_installed(
    values: dict[str, object], message: str, tmp_path: Path
) -> None:
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
    done = run(tool("helm"), "template", CHART, "-f", EXAMPLES["smallest"], "-f", tmp_path / "values.yaml")
    assert done.returncode != 0 and message in done.stderr
