"""The JSON Schema of the chart's values: those of the program's settings, and those of the chart itself.

Helm checks values by it before it renders anything, so a mistyped setting is refused on the machine of its author.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from deploy.chart_values import CHART_VALUES, table
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.fields import Field, sections, walk

GIVEN_BY_THE_CHART = frozenset(
    {
        "data_dir",
        "model_dir",
        "pseudonym_key",
        "pseudonym_key_file",
        "kafka.password_file",
        "kafka.client_secret_file",
        "kafka.ca_file",
        "kafka.certificate_file",
        "kafka.key_file",
        "kafka.key_password_file",
        "ingest.exchange_rates",
        "worker.stages",
        "worker.probe_port",
        "worker.probe_host",
        "worker.instance_id",
    }
)
"""Settings that the chart sets itself: paths of what it mounts, and what differs between its workloads."""


def settings() -> Iterator[Field]:
    """The settings that may stand in the values."""
    return (field for field in walk(Settings) if field.name not in GIVEN_BY_THE_CHART)


def values_schema() -> dict[str, Any]:
    """The schema of values.yaml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Values of the chart liveprofile",
        **table("", {"settings": _settings(), **CHART_VALUES, "global": {"type": "object"}}),
    }


def _settings() -> dict[str, Any]:
    """The settings as nested tables, as in liveprofile.toml."""
    words = dict(sections(Settings))
    top = table("Settings of the program; they become its liveprofile.toml", {})
    for field in settings():
        place, path = top, ""
        *tables, key = field.name.split(".")
        for part in tables:
            path = f"{path}.{part}".lstrip(".")
            place = place["properties"].setdefault(part, table(words.get(path, ""), {}))
        place["properties"][key] = _schema(field)
    return top


def _schema(field: Field) -> dict[str, Any]:
    """The schema of one setting, with its default and unit in words."""
    schema = msgspec.json.schema(field.type)
    unit = f" ({field.unit})" if field.unit else ""
    return schema | {"description": f"{field.meaning}{unit}", "default": field.default}
