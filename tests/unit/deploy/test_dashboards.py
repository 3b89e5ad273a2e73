"""Dashboards ask for metrics that exist, in units, and in colours that everybody can tell apart."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.paths import ROOT
from support.promql import foreign, unknown
from support.tools import run, tool

from deploy.dashboards import dashboards
from deploy.panels import COLOURS, WIDTH

DASHBOARDS = dashboards()
PANELS = [panel for board in DASHBOARDS.values() for panel in board["panels"] if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]


def test_there_are_four() -> None:
    assert list(DASHBOARDS) == ["overview", "stream", "serve", "operations"]
    assert len({board["uid"] for board in DASHBOARDS.values()}) == 4


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_asks_for_series_and_labels_that_exist(query: str) -> None:
    assert not list(unknown(query)) and not foreign(query)


def test_prometheus_can_read_every_query(tmp_path: Path) -> None:
    """Variables of Grafana are filled in as it does."""
    asked = [query.replace("$__rate_interval", "1m").replace("$app", ".*").replace("$stage", ".*") for query in QUERIES]
    rules = [{"record": f"panel:query:n{number}", "expr": query} for number, query in enumerate(asked)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    done = run(tool("promtool"), "check", "rules", tmp_path / "rules.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_shows_the_application_that_is_chosen(query: str) -> None:
    selectors = re.findall(r"\w+\{([^}]*)\}", query)
    assert selectors and all('app=~"$app"' in one for one in selectors)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_variables_choose_source_application_and_stage(name: str) -> None:
    assert [one["name"] for one in DASHBOARDS[name]["templating"]["list"]] == ["datasource", "app", "stage"]
    for one in DASHBOARDS[name]["templating"]["list"][1:]:
        metric = re.sub(r"label_values\((.*), \w+\)", r"\1", one["definition"])
        assert not list(unknown(metric))


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_lie_beside_each_other(name: str) -> None:
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARDS[name]["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= WIDTH
        mine = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not mine & cells, panel["title"]
        cells |= mine
    assert len({panel["id"] for panel in DASHBOARDS[name]["panels"]}) == len(DASHBOARDS[name]["panels"])


def test_a_panel_has_a_unit_and_says_what_it_shows() -> None:
    for panel in PANELS:
        unit = panel["fieldConfig"]["defaults"].get("unit") or panel["options"]["yAxis"]["unit"]
        expressions = " ".join(target["expr"] for target in panel["targets"])
        assert panel["description"] and panel["title"]
        if ("_seconds_bucket" in expressions and "le=" not in expressions) or "lag_seconds" in expressions:
            assert unit == "s", panel["title"]
        if "_bytes" in expressions:
            assert unit == "bytes", panel["title"]


def test_colours_are_told_apart_by_everybody() -> None:
    """Okabe and Ito's; no red against green."""
    used = set(re.findall(r"#[0-9A-Fa-f]{6}", json.dumps(DASHBOARDS)))
    assert used <= set(COLOURS)
    assert not re.search(r'"color": "(red|green|dark-red|dark-green)"', json.dumps(DASHBOARDS))


def test_what_provisioning_names_is_where_compose_mounts_it() -> None:
    grafana: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]
    mounts = dict(one.split(":")[1::-1] for one in grafana["volumes"])
    provisioning = ROOT / mounts["/etc/grafana/provisioning"]
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "liveprofile.yml").read_text())["providers"]
    folder = ROOT / mounts[provider["options"]["path"]]
    assert {path.stem for path in folder.glob("*.json")} == set(DASHBOARDS)
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
