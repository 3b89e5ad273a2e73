"""Prints the settings: a page of documentation, and a table of present values with their origin."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import msgspec
from rich.table import Table

from liveprofile.streams.settings import Secret, Settings
from liveprofile.streams.settings.fields import Field, sections, walk
from liveprofile.streams.settings.load import CONFIG_VARIABLE, FILE, Loaded

_INTRODUCTION = f"""# Settings

<!-- Written by `liveprofile settings --markdown`; a test compares it with the code. -->

One file, `{FILE}` in the folder where a command runs (or the one that `--config` or `{CONFIG_VARIABLE}` names),
then environment variables, then options of the command line; later ones override earlier ones. They are read once, at
the start. An unknown setting is refused; a variable that is like no setting is named and left alone.
`liveprofile settings` shows present values with their origin.

The variable of a setting is its name in capitals after `LIVEPROFILE_`, with two underscores for each dot:
`ingest.batch_max` is `LIVEPROFILE_INGEST__BATCH_MAX`. A hyphen in a name becomes an underscore. A list is written with
commas. An empty variable counts as not given.

```toml
app_id = "shop"
bootstrap = "kafka-1:9092,kafka-2:9092"

[ingest]
batch_deadline_ms = 8

[profile.policy]
anomalies.enter.velocity = 5.0
interests.session.enter_share = 0.4
```
"""


def as_markdown() -> str:
    """The page docs/settings.md."""
    introductions = dict(sections(Settings))
    parts = [_INTRODUCTION]
    for section, fields in groupby(walk(Settings), key=lambda field: field.section):
        parts.append(f"\n## {f'`[{section}]`' if section else 'At the top'}\n\n{introductions[section]}\n\n")
        parts.append("| setting | meaning | unit | default | limits |\n| --- | --- | --- | --- | --- |\n")
        parts.extend(f"| {' | '.join(_cells(field))} |\n" for field in fields)
    return "".join(parts)


def as_table(loaded: Loaded, *, whole_names: bool = False) -> Table:
    """Name, value and origin of every setting; changed settings are highlighted.

    With `whole_names` each line stands for itself, without a line for its section.
    """
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("setting", no_wrap=True)
    for column in ("value", "unit", "from"):
        table.add_column(column, overflow="fold")
    for section, fields in groupby(walk(Settings), key=lambda field: field.section):
        if section and not whole_names:
            table.add_row(f"\n[bold cyan]\\[{section}][/]")
        for field in fields:
            origin = loaded.origins[field.name]
            style = "dim" if origin == "default" else "bold"
            name = field.name if whole_names else field.key
            table.add_row(name, shown(value_of(loaded, field)), field.unit, origin, style=style)
    return table


def as_json(loaded: Loaded) -> dict[str, dict[str, Any]]:
    """Value and origin of every setting by name, secrets hidden."""
    return {
        field.name: {"value": _plain(value_of(loaded, field)), "from": loaded.origins[field.name]}
        for field in walk(Settings)
    }


def value_of(loaded: Loaded, field: Field) -> Any:
    """The present value of a setting."""
    value: Any = loaded.settings
    for part in field.name.split("."):
        value = value[part] if isinstance(value, Mapping) else getattr(value, part)
    return value


def shown(value: Any) -> str:
    """A value as in the file; a secret is shown as stars.

    >>> shown(("ingest", "learn")), shown(4.0), shown(200_000), shown(True)
    ('["ingest", "learn"]', '4', '200000', 'true')
    """
    if isinstance(value, tuple | list | frozenset):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {shown(item)}' for key, item in value.items())}}}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float):
        return f"{value:.10g}"
    if value is None:
        return "(none)"
    return str(value).lower() if isinstance(value, bool) else "***" if isinstance(value, Secret) else str(value)


def _plain(value: Any) -> Any:
    """A value for JSON."""
    return msgspec.to_builtins(value, enc_hook=lambda other: "***" if isinstance(other, Secret) else str(other))


def _cells(field: Field) -> Iterator[str]:
    """The cells of one row of the page; a bar within a cell is escaped."""
    cells = (f"`{field.name}`", field.meaning, field.unit, f"`{shown(field.default)}`", field.limits)
    yield from (cell.replace("|", "\\|") for cell in cells)
