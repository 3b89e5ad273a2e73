"""The layouts of the present program beside those that are known: `python -m tests.upgrade.layouts` adds new ones."""

from collections.abc import Sequence
from typing import Any

import orjson

from liveprofile.profiles.records.activity import HEADS
from liveprofile.profiles.records.layouts import Family, Layout, read_known
from liveprofile.profiles.records.layouts.known import FOLDER
from liveprofile.profiles.records.training_example import EXAMPLES
from liveprofile.profiles.state.codec import LEDGERS, ROWS

FAMILIES: tuple[Family, ...] = (ROWS, LEDGERS, HEADS, *EXAMPLES.values())
"""All kinds of records whose layout is a dtype."""


def is_known(family: Family) -> bool:
    """Whether the present layout is the last one in the file of its kind, under its own number."""
    return read_known(family.name)[-1:] == (family.present,)


def add_present(family: Family) -> None:
    """Add the present layout to the file of its kind, unless it is there."""
    if not is_known(family):
        (FOLDER / f"{family.name}.json").write_text(_text((*read_known(family.name), family.present)))


def _text(layouts: Sequence[Layout]) -> str:
    """One field a line, so that a change is seen in a diff."""
    return '{"layouts": [\n' + ",\n".join(map(_entry, layouts)) + "\n]}\n"


def _entry(layout: Layout) -> str:
    start: dict[str, Any] = {"number": layout.number, "fingerprint": layout.fingerprint, "renamed": layout.renamed}
    fields = ",\n".join(f"  {orjson.dumps(one).decode()}" for one in layout.fields)
    return orjson.dumps(start).decode()[:-1] + ',"fields":[\n' + fields + "\n]}"


if __name__ == "__main__":
    for one in FAMILIES:
        add_present(one)
