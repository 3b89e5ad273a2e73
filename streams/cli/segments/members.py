"""`liveprofile segments sizes|export`: how many shoppers are in which segment, and who."""

import asyncio
import csv
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.cli.profile_lookup import profile_ids_of
from liveprofile.streams.cli.segments.rule_file import AS_JSON, rules_in_force
from liveprofile.streams.errors import NoSegmentError

if TYPE_CHECKING:
    from liveprofile.profiles.segments.rules import RuleSet
    from liveprofile.streams.query.members import Member, Sizes

FIELDS = ("profile_id", "since", "lifecycle", "version", "last_seen")


@click.command(epilog=examples("liveprofile segments sizes", "liveprofile segments sizes --json | jq .segments"))
@AS_JSON
@bootstrap_option
@pass_context
def sizes(context: Context, as_json: bool) -> None:
    """Show how many profiles are in each segment and lifecycle state, by the published snapshots."""
    rules = asyncio.run(rules_in_force(context))
    found = asyncio.run(_sizes(context))
    states, segments = _counts(rules, found)
    if as_json:
        echo_json(
            {
                "rules": rules.label,
                "profiles": found.profiles,
                "lifecycle": states,
                "segments": segments,
                "in_no_segment": found.none,
                "snapshots_by_rules": found.rules,
            }
        )
        return
    _print(context, states, segments, found)
    if set(found.rules) - {rules.label}:
        others = sum(count for label, count in found.rules.items() if label != rules.label)
        context.inform(f"{others:,} snapshots were made by other rules than {rules.label}: they follow")


@click.command(
    epilog=examples(
        "liveprofile segments export loyal --format csv > loyal.csv",
        "liveprofile segments export loyal --format jsonl | jq -r .profile_id",
        "liveprofile segments export loyal --format csv --match customers.txt    # with the user ids of this list",
    )
)
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True, help="Format.")
@click.option(
    "--match",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="User ids of the shop, one a line: only members among them, with their user id. Needs the key.",
)
@click.option("--anonymous", is_flag=True, help="The ids in --match are anonymous ids: devices or cookies.")
@bootstrap_option
@pass_context
def export(context: Context, name: str, form: str, match: Path | None, anonymous: bool) -> None:
    """Print the members of the segment NAME: profile ids, since when, lifecycle state, version, last activity.

    Profile ids are pseudonyms: no user id can be computed from them. Whoever has the key and a list of user ids gets
    those of the list that are members.
    """
    user_of = profile_ids_of(context, _ids(match), anonymous=anonymous) if match else None
    rules = asyncio.run(rules_in_force(context))
    names = [one.name for one in rules.file.segment]
    if name not in names:
        raise NoSegmentError(f"{rules.label} has no segment {name!r}.", f"Its segments are {', '.join(names)}.")
    found = asyncio.run(_members(context, name, user_of))
    (_print_csv if form == "csv" else _print_lines)(found, user_of)
    context.inform(f"{len(found):,} members of {name}" + (f", of {len(user_of):,} ids" if user_of is not None else ""))


def _ids(file: Path) -> list[str]:
    """The ids in a file, one a line."""
    return [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]


async def _sizes(context: Context) -> "Sizes":
    from liveprofile.streams.query.members import sizes as count
    from liveprofile.streams.query.reader import open_reader

    async with open_reader(context.bootstrap()) as reader:
        return await count(reader, context.settings.topics)


async def _members(context: Context, name: str, user_of: Mapping[str, str] | None) -> "list[Member]":
    from liveprofile.streams.query.members import members
    from liveprofile.streams.query.reader import open_reader

    async with open_reader(context.bootstrap()) as reader:
        return await members(reader, context.settings.topics, name, user_of)


def _counts(rules: "RuleSet", found: "Sizes") -> tuple[dict[str, int], dict[str, int]]:
    """Sizes in the order of the rules, of the empty ones, too."""
    states = {one.name: found.lifecycle[one.name] for one in rules.file.lifecycle}
    return states, {one.name: found.segments[one.name] for one in rules.file.segment}


def _print(context: Context, states: Mapping[str, int], segments: Mapping[str, int], found: "Sizes") -> None:
    from rich.table import Table

    table = Table("", "name", "profiles", "share", box=None, pad_edge=False)
    for column in table.columns[2:]:
        column.justify = "right"
    rows = [("lifecycle", name, count) for name, count in states.items()]
    rows += [("segment", name, count) for name, count in segments.items()]
    for kind, name, count in (*rows, ("", "in no segment", found.none)):
        table.add_row(kind, name, f"{count:,}", f"{count / max(found.profiles, 1):.1%}")
    context.out.print(table)
    context.out.print(f"\n{found.profiles:,} profiles")


def _rows(found: "Iterable[Member]", user_of: Mapping[str, str] | None) -> Iterable[dict[str, object]]:
    for one in found:
        row: dict[str, object] = {field: getattr(one, field) for field in FIELDS}
        yield row if user_of is None else {"user_id": user_of[one.profile_id], **row}


def _print_csv(found: "Iterable[Member]", user_of: Mapping[str, str] | None) -> None:
    writer = csv.DictWriter(sys.stdout, FIELDS if user_of is None else ("user_id", *FIELDS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(found, user_of))


def _print_lines(found: "Iterable[Member]", user_of: Mapping[str, str] | None) -> None:
    import orjson

    for row in _rows(found, user_of):
        click.echo(orjson.dumps(row).decode())
