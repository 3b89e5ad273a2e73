"""Each alert fires when it should, names metrics that exist, and has a runbook."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from support.paths import ROOT
from support.promql import foreign, unknown
from support.tools import run, tool

from deploy.values_schema import values_schema

FOLDER = ROOT / "deploy" / "prometheus"
GROUPS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
NAMES = sorted({alert["alert"] for alert in ALERTS})
TESTS = sorted((FOLDER / "tests").glob("*.yml"))
PAGE = (ROOT / "docs" / "operations.md").read_text()
PARTS = ("It means", "Look at", "Do")
"""What each runbook says, in this order."""


def test_promtool_reads_the_rules_and_the_configuration() -> None:
    done = run(tool("promtool"), "check", "config", FOLDER / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_rules_pass_their_unit_tests(path: Path) -> None:
    done = run(tool("promtool"), "test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_is_tested_to_fire_and_not_to_fire(name: str) -> None:
    """An application that is tested together with one whose alert fires, and is not expected, must not fire."""
    fires, quiet = False, False
    for case in (case for path in TESTS for case in yaml.safe_load(path.read_text())["tests"]):
        applications = set(re.findall(r'app="(\w+)"', str(case["input_series"])))
        for one in case["alert_rule_test"]:
            if one["alertname"] == name:
                firing = {alert["exp_labels"]["app"] for alert in one["exp_alerts"]}
                fires, quiet = fires or bool(firing), quiet or bool(applications - firing)
    assert fires and quiet


def test_rules_name_metrics_and_labels_that_exist() -> None:
    assert not {fault for rule in RULES for fault in unknown(rule["expr"])}
    assert not {name for rule in RULES for name in foreign(rule["expr"])}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_what_is_wrong_and_where_its_runbook_is(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"docs/operations.md#{alert['alert'].lower()}"
    assert "$labels.app" in alert["annotations"]["summary"]


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_says_what_it_means_what_to_look_at_and_what_to_do(name: str) -> None:
    _, found, rest = PAGE.partition(f"\n### {name}\n")
    runbook = re.split(r"\n#{2,3} ", rest)[0]
    assert found and re.findall(r"^- \*\*([\w ]+)\*\*: ", runbook, re.MULTILINE) == list(PARTS)


def test_there_is_no_runbook_without_an_alert() -> None:
    headings = [token.content for token in MarkdownIt().parse(PAGE) if token.type == "inline"]
    assert {one for one in headings if re.fullmatch(r"Liveprofile[A-Z]\w+", one)} == set(NAMES)


def test_the_documentation_of_the_chart_says_where_runbooks_are_linked_to() -> None:
    rule = values_schema()["properties"]["metrics"]["properties"]["prometheusRule"]["properties"]
    assert "runbooks" in rule and "metrics.prometheusRule.runbooks" in PAGE
