"""`python -m deploy`: writes what chart and dashboards derive from the code; tests compare the files with it."""

from pathlib import Path

from deploy.access import access
from deploy.dashboards import dashboards
from deploy.values_schema import values_schema
from deploy.writing import as_json

FOLDER = Path(__file__).resolve().parent
CHART = FOLDER / "helm" / "liveprofile"


def files() -> dict[Path, str]:
    """Contents of the derived files by path."""
    return {
        CHART / "values.schema.json": as_json(values_schema()),
        CHART / "files" / "kafka.json": as_json(access()),
        **{FOLDER / "grafana" / "dashboards" / f"{name}.json": as_json(body) for name, body in dashboards().items()},
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
