"""What the chart asks of a cluster: valid manifests, little rights, careful updates. No cluster is needed."""

import json
import tomllib
from collections import defaultdict
from typing import Any

import pytest
import yaml
from support.chart import CHART, EXAMPLES, Manifest, environment, named, of_kind, pods, rendered
from support.paths import ROOT
from support.tools import run, tool

from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.admin.acls.strimzi import strimzi
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.topic_shape import CONFIRMED_BY

OF_OTHER_OPERATORS = {"ServiceMonitor", "PrometheusRule", "ScaledObject", "KafkaTopic", "KafkaUser"}
STAGES = ("ingest", "profile", "items", "learn")
STRIMZI = {"strimzi": Topics(), "certificate": Topics("profiles", prefix="shop_b-")}


@pytest.mark.parametrize("example", EXAMPLES)
def test_helm_finds_no_fault(example: str) -> None:
    done = run(tool("helm"), "lint", "--strict", CHART, "--values", EXAMPLES[example])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("example", EXAMPLES)
def test_kubernetes_knows_every_field(example: str) -> None:
    validate = pytest.importorskip("kubernetes_validate")
    for manifest in rendered(example):
        if manifest["kind"] not in OF_OTHER_OPERATORS:
            validate.validate(manifest, "1.33", strict=True)


def test_a_package_of_the_chart_holds_the_rules_and_the_dashboards(tmp_path: Any) -> None:
    """They are links in the repository; a chart is one archive."""
    done = run(tool("helm"), "package", CHART, "--destination", tmp_path)
    assert done.returncode == 0, done.stderr
    archive = next(tmp_path.glob("*.tgz"))
    done = run(tool("helm"), "template", "shop", archive, "--values", EXAMPLES["password"])
    assert "alert: LiveprofileLagSeconds" in done.stdout and "liveprofile-overview.json" in done.stdout


def test_the_chart_has_the_version_of_the_program() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (version, version)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_pod_has_no_rights_that_it_does_not_need(example: str) -> None:
    for _, pod in pods(example):
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 1000
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False
        assert container["resources"]["limits"]["memory"]
        writable = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
        assert writable == {"/data", "/tmp"}
        for name in ("LIVEPROFILE_DATA_DIR", "NUMBA_CACHE_DIR"):
            assert environment(pod)[name].startswith("/data/")


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_worker_has_a_minute_to_settle_and_probes_that_exist(example: str) -> None:
    for component, pod in pods(example):
        if component == "topics":
            continue
        (container,) = pod["containers"]
        assert pod["terminationGracePeriodSeconds"] == 60
        paths = [container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")]
        assert paths == ["/startupz", "/livez", "/readyz"]
        assert container["ports"] == [{"name": "probes", "containerPort": 8087}]


def test_stages_with_state_keep_their_names_and_are_replaced_one_by_one() -> None:
    sets = {one["metadata"]["name"]: one["spec"] for one in of_kind("smallest", "StatefulSet")}
    assert set(sets) == {"shop-liveprofile-profile", "shop-liveprofile-items"}
    for name, spec in sets.items():
        assert (spec["podManagementPolicy"], spec["serviceName"]) == ("Parallel", name)
        assert spec["updateStrategy"] == {"rollingUpdate": {"maxUnavailable": 1}}
        assert named("smallest", "Service", name)["spec"]["clusterIP"] == "None"


def test_profiles_on_disk_have_a_volume_of_their_own_and_nothing_else_has() -> None:
    on_disk = {
        one["metadata"]["name"] for one in of_kind("password", "StatefulSet") if "volumeClaimTemplates" in one["spec"]
    }
    assert on_disk == {"shop-liveprofile-profile"}
    assert not any("volumeClaimTemplates" in one["spec"] for one in of_kind("smallest", "StatefulSet"))


def test_evictions_take_one_pod_of_a_stage_at_a_time() -> None:
    budgets = of_kind("smallest", "PodDisruptionBudget")
    components = [one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] for one in budgets]
    assert sorted(components) == sorted(STAGES)
    assert {one["spec"]["maxUnavailable"] for one in budgets} == {1}


@pytest.mark.parametrize("example", EXAMPLES)
def test_selectors_find_the_pods_they_mean(example: str) -> None:
    templates = {one["metadata"]["name"]: one["spec"] for one in of_kind(example, "Deployment", "StatefulSet")}
    for spec in templates.values():
        assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
    for service in of_kind(example, "Service"):
        labels = templates[service["metadata"]["name"]]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= labels.items()


def test_keda_scales_ingest_alone_on_its_largest_lag() -> None:
    (scaled,) = of_kind("password", "ScaledObject")
    spec = scaled["spec"]
    assert spec["scaleTargetRef"]["name"] == "shop-liveprofile-ingest"
    assert "replicas" not in named("password", "Deployment", "shop-liveprofile-ingest")["spec"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (1, 24)
    (trigger,) = spec["triggers"]
    assert trigger["type"] == "prometheus" and trigger["metricType"] == "Value"
    assert trigger["metadata"]["query"] == (
        'max(liveprofile_consumer_lag_seconds{app="shop-a-liveprofile", stage="ingest"})'
    )
    behaviour = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert behaviour["scaleDown"]["stabilizationWindowSeconds"] == 600


def test_a_pod_reaches_kafka_and_names_and_nothing_else() -> None:
    (policy,) = of_kind("smallest", "NetworkPolicy")
    ports = [port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]]
    assert ports == [53, 53, 9093]
    (policy,) = of_kind("password", "NetworkPolicy")
    assert policy["spec"]["egress"][1]["to"] == [{"ipBlock": {"cidr": "192.0.2.0/24"}}]
    assert policy["spec"]["ingress"][0]["ports"] == [{"port": "probes", "protocol": "TCP"}]


def test_prometheus_finds_the_workers_and_gives_them_the_label_of_the_rules() -> None:
    (monitor,) = of_kind("password", "ServiceMonitor")
    (endpoint,) = monitor["spec"]["endpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("probes", "/metrics")
    assert endpoint["relabelings"] == [{"action": "replace", "targetLabel": "app", "replacement": "shop-a-liveprofile"}]
    for service in of_kind("password", "Service"):
        assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
        assert [port["name"] for port in service["spec"]["ports"]] == ["probes"]


def test_rules_and_dashboards_are_those_of_the_repository() -> None:
    (rule,) = of_kind("password", "PrometheusRule")
    text = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text()
    site = "https://docs.example.org/liveprofile/operations.html"
    assert rule["spec"] == yaml.safe_load(text.replace("docs/operations.md", site))
    data = named("password", "ConfigMap", "shop-liveprofile-dashboards")["data"]
    for path in (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"):
        assert json.loads(data[f"liveprofile-{path.name}"]) == json.loads(path.read_text())


@pytest.mark.parametrize(("example", "topics"), STRIMZI.items())
def test_strimzi_makes_the_topics_that_the_program_would_make(example: str, topics: Topics) -> None:
    found = {one["spec"]["topicName"]: one for one in of_kind(example, "KafkaTopic")}
    assert list(found) == [topic.name for topic in topics.all()]
    for topic in topics.all():
        spec = found[topic.name]["spec"]
        durable = {} if topic.is_input else {"min.insync.replicas": str(CONFIRMED_BY)}
        assert spec["config"] == {**topic.config, **durable}
        assert (spec["partitions"], spec["replicas"]) == (topic.partitions, 3)
        assert found[topic.name]["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


@pytest.mark.parametrize(("example", "topics"), STRIMZI.items())
@pytest.mark.parametrize("stage", STAGES)
def test_strimzi_gives_each_stage_its_least_rights(example: str, topics: Topics, stage: str) -> None:
    name = f"{'shop-liveprofile' if example == 'strimzi' else 'profiles'}-{stage}"
    user: Manifest = named(example, "KafkaUser", name)
    kind = "User:CN=" if example == "certificate" else "User:"
    wanted = yaml.safe_load(strimzi(rights([Role(stage)], topics), f"{kind}{name}", "*"))
    assert by_resource(user) == by_resource(wanted)
    assert user["spec"]["authentication"] == wanted["spec"]["authentication"]


def by_resource(user: Manifest) -> dict[tuple[str, str, str], set[str]]:
    """The operations of a KafkaUser by resource; what several entries allow is allowed."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for acl in user["spec"]["authorization"]["acls"]:
        resource = acl["resource"]
        found[resource["type"], resource["patternType"], resource["name"]] |= {*acl["operations"], acl["host"]}
    return found
