"""The Helm chart as a cluster would get it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from support.paths import ROOT
from support.tools import run, tool

CHART = ROOT / "deploy" / "helm" / "liveprofile"
EXAMPLES = {path.stem: path for path in sorted((ROOT / "deploy" / "helm" / "examples").glob("*.yaml"))}
POD_KINDS = ("Deployment", "StatefulSet", "Job")

Manifest = dict[str, Any]


@cache
def rendered(example: str) -> tuple[Manifest, ...]:
    """The manifests of an example's values; hooks, too."""
    done = run(tool("helm"), "template", "shop", CHART, "--values", EXAMPLES[example])
    assert done.returncode == 0, done.stderr
    return tuple(one for one in yaml.safe_load_all(done.stdout) if one)


def of_kind(example: str, *kinds: str) -> list[Manifest]:
    """The manifests of some kinds."""
    return [one for one in rendered(example) if one["kind"] in kinds]


def named(example: str, kind: str, name: str) -> Manifest:
    """The one manifest of a kind and a name."""
    (found,) = (one for one in of_kind(example, kind) if one["metadata"]["name"] == name)
    return found


def pods(example: str) -> list[tuple[str, Manifest]]:
    """The specifications of all pods, each with its component: ingest, profile, items, learn, topics."""
    templates = [one["spec"]["template"] for one in of_kind(example, *POD_KINDS)]
    return [(one["metadata"]["labels"]["app.kubernetes.io/component"], one["spec"]) for one in templates]


def environment(pod: Manifest, name: str = "some-pod-0") -> dict[str, str]:
    """The variables of a pod's container; fields of the pod are its name."""
    (container,) = pod["containers"]
    return {one["name"]: one.get("value", name) for one in container["env"]}


def settings_file(example: str, pod: Manifest, folder: Path) -> Path:
    """The file of settings that a pod mounts, written into a folder."""
    (name,) = (volume["configMap"]["name"] for volume in pod["volumes"] if volume["name"] == "settings")
    path = folder / "liveprofile.toml"
    path.write_text(named(example, "ConfigMap", name)["data"]["liveprofile.toml"])
    return path
