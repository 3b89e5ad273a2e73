"""Panels and dashboards in Grafana's JSON (schema version 41), as small functions.

Colours are those of Okabe and Ito, which people with any of the usual colour blindnesses tell apart; a legend names the
values besides, so that no colour is needed to read a panel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
GOOD, BAD = "#0072B2", "#D55E00"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
"""Columns of Grafana's grid."""


@dataclass(frozen=True)
class Panel:
    """One panel. `queries` are expressions with their legends; `unit` is Grafana's name of it."""

    title: str
    meaning: str
    unit: str
    queries: Sequence[tuple[str, str]]
    kind: str = "timeseries"
    """timeseries, stat, table or heatmap."""
    width: int = 8
    height: int = 8
    limit: float | None = None
    """From where on it is bad."""
    names: Sequence[str] = ()
    """Closed values of the legend, each of which has its colour in all panels."""


def dashboard(uid: str, title: str, meaning: str, rows: Sequence[tuple[str, Sequence[Panel]]]) -> dict[str, Any]:
    """A dashboard of rows of panels, from left to right and from top to bottom."""
    panels: list[dict[str, Any]] = []
    top = 0
    for name, members in rows:
        panels.append({"type": "row", "title": name, "collapsed": False, "panels": [], **_place(0, top, WIDTH, 1)})
        left, top, height = 0, top + 1, 0
        for panel in members:
            if left + panel.width > WIDTH:
                left, top, height = 0, top + height, 0
            panels.append(_panel(panel) | _place(left, top, panel.width, panel.height))
            left, height = left + panel.width, max(height, panel.height)
        top += height
    return {
        "uid": f"liveprofile-{uid}",
        "title": f"Liveprofile / {title}",
        "description": meaning,
        "tags": ["liveprofile"],
        "schemaVersion": 41,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "links": [
            {
                "type": "dashboards",
                "title": "Liveprofile",
                "tags": ["liveprofile"],
                "asDropdown": True,
                "includeVars": True,
                "keepTime": True,
                "icon": "external link",
            }
        ],
        "templating": {"list": [_datasource(), _variable("app", "app"), _variable("stage", "stage")]},
        "annotations": {"list": []},
        "panels": [{"id": number, **panel} for number, panel in enumerate(panels, 1)],
    }


def _place(left: int, top: int, width: int, height: int) -> dict[str, Any]:
    return {"gridPos": {"x": left, "y": top, "w": width, "h": height}}


def _panel(panel: Panel) -> dict[str, Any]:
    heatmap = panel.kind == "heatmap"
    form = {"timeseries": "time_series", "stat": "time_series", "table": "table", "heatmap": "heatmap"}[panel.kind]
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.meaning,
        "datasource": DATASOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": DATASOURCE,
                "expr": expression,
                "legendFormat": legend,
                "format": form,
                "instant": panel.kind == "table",
                "range": panel.kind != "table",
            }
            for number, (expression, legend) in enumerate(panel.queries)
        ],
        "fieldConfig": {"defaults": {} if heatmap else _defaults(panel), "overrides": list(map(_colour, panel.names))},
        "options": _OPTIONS[panel.kind] | ({"yAxis": {"unit": panel.unit}} if heatmap else {}),
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    """How values are drawn: a limit is a line with a dash, and turns a single number orange."""
    steps: list[dict[str, Any]] = [{"color": GOOD, "value": None}]
    if panel.limit is not None:
        steps.append({"color": BAD, "value": panel.limit})
    drawn = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 8, "showPoints": "never", "spanNulls": 60_000}
    line = {"thresholdsStyle": {"mode": "dashed" if panel.limit is not None else "off"}}
    mode = {"mode": "thresholds"} if panel.kind == "stat" else {"mode": "palette-classic-by-name"}
    if panel.kind == "timeseries" and len(panel.queries) == 1 and not panel.names and not panel.queries[0][1]:
        mode = {"mode": "fixed", "fixedColor": GOOD}
    shared = {"unit": panel.unit, "min": 0, "color": mode, "thresholds": {"mode": "absolute", "steps": steps}}
    return shared | ({"custom": drawn | line} if panel.kind == "timeseries" else {})


def _colour(name: str) -> dict[str, Any]:
    """The colour of a value, the same wherever it is shown."""
    fixed = {"mode": "fixed", "fixedColor": COLOURS[_ORDER.index(name) % len(COLOURS)]}
    return {"matcher": {"id": "byName", "options": name}, "properties": [{"id": "color", "value": fixed}]}


def _datasource() -> dict[str, Any]:
    return {"type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus"}


def _variable(name: str, label: str) -> dict[str, Any]:
    metric = "liveprofile_build_info" if name == "app" else 'liveprofile_stage_records_total{app=~"$app"}'
    query = f"label_values({metric}, {label})"
    return {"type": "query", "name": name, "label": name, "datasource": DATASOURCE, "definition": query,
            "query": {"query": query, "refId": name}, "refresh": 2, "sort": 1, "multi": True, "includeAll": True,
            "allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}}  # fmt: skip


_LEGEND = {"showLegend": True, "displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]}
_OPTIONS: dict[str, dict[str, Any]] = {
    "timeseries": {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}},
    "stat": {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
             "graphMode": "area", "textMode": "auto"},
    "table": {"showHeader": True, "cellHeight": "sm"},
    "heatmap": {"calculate": False, "cellGap": 0, "color": {"mode": "scheme", "scheme": "Cividis", "steps": 64},
                "legend": {"show": True}, "tooltip": {"mode": "single", "yHistogram": True}},
}  # fmt: skip

STAGES = ("ingest", "profile", "learn", "items")
OUTCOMES = ("accepted", "refused", "passed_over", "applied", "repeated", "duplicate", "erased", "unreadable")
QUANTILES = ("median", "p95", "p99")
STATES = ("raised", "updated", "cleared")
WHERE = ("memory", "shared", "disk", "model")
CODES = ("2xx", "3xx", "4xx", "5xx")
PARTITION = ("loading", "running", "fenced")
_ORDER = tuple(name for closed in (STAGES, OUTCOMES, QUANTILES, STATES, WHERE, PARTITION, CODES) for name in closed)
