"""The JSON Schema files of all public topics, generated from the structs."""

import json
from pathlib import Path
from typing import Any

import msgspec

from liveprofile.profiles.facts.facts import AnomalyChanged, ProfileChanged
from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.items.record import ItemNeighbours, ItemSnapshot
from liveprofile.streams.contract.dead_letters import DeadLetter
from liveprofile.streams.contract.inputs import INPUTS
from liveprofile.streams.contract.model_events import ModelEvent
from liveprofile.streams.contract.refusals import GENERAL_WORDS

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"
OUTPUTS: dict[str, type[msgspec.Struct]] = {
    "profile-changes": ProfileChanged,
    "profile-anomalies": AnomalyChanged,
    "profiles": ProfileSnapshot,
    "model-events": ModelEvent,
    "items": ItemSnapshot,
    "item-neighbours": ItemNeighbours,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_files() -> dict[str, str]:
    """Contents of the files by name."""
    schemas = {f"{topic}.json": _schema(struct) for topic, struct in (INPUTS | OUTPUTS).items()}
    letters = _schema(DeadLetter)
    letters["$defs"]["Reason"]["description"] = "\n".join(f"{code}: {words}" for code, words in GENERAL_WORDS.items())
    return {name: _text(schema) for name, schema in (schemas | {"dead-letters.json": letters}).items()}


def write(folder: Path = FOLDER) -> list[Path]:
    """Write the files; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in schema_files()]


def _schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """A struct's schema, with the struct itself at the top instead of a reference to it."""
    schema = msgspec.json.schema(struct)
    definitions = schema.pop("$defs")
    for one in definitions.values():
        if "description" in one:
            one["description"] = one["description"].partition("\n\n")[0]  # what follows is for readers of the code
    top = definitions.pop(schema.pop("$ref").rpartition("/")[2])
    return {"$schema": _DIALECT, **top, **({"$defs": definitions} if definitions else {})}


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path in write():
        print(path)
