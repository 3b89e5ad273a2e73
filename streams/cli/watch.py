"""`liveprofile watch`: follows changes, anomalies or refused records, as text or as JSON lines."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.context import (
    Context,
    UserError,
    bootstrap_option,
    examples,
    locale_option,
    pass_context,
)
from liveprofile.streams.cli.profile_lookup import profile_id_of

if TYPE_CHECKING:
    from liveprofile.streams.query.filters import Filters
    from liveprofile.streams.query.reader import Reader

KINDS = ("changes", "anomalies", "dead-letters")
FITS = {
    "path": ("changes",),
    "segment": ("changes",),
    "kind": ("anomalies",),
    "min_severity": ("anomalies",),
    "user": ("changes", "anomalies"),
    "profile": ("changes", "anomalies"),
}
"""The records that an option can choose from."""


@click.command(
    epilog=examples(
        "liveprofile watch changes",
        "liveprofile watch changes --user u-1042 --path interests",
        "liveprofile watch changes --segment loyal",
        "liveprofile watch anomalies --kind velocity --min-severity 50",
        "liveprofile watch anomalies --from start --no-follow",
        "liveprofile watch dead-letters --from start --limit 10",
        "liveprofile watch changes | jq -r .profile_id",
    )
)
@click.argument("records", type=click.Choice(KINDS))
@click.option(
    "--from",
    "start",
    type=click.Choice(["start", "end"]),
    default="end",
    show_default=True,
    help="Begin with the oldest record, or with the next new one.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many shown records.")
@click.option("--no-follow", is_flag=True, help="Stop at the present end; reads from the start.")
@click.option("--user", metavar="ID", help="Of one shopper, by the shop's user id.")
@click.option("--profile", metavar="ID", help="Of one profile, by its id or the start of it.")
@click.option("--path", metavar="PATH", help="Changes of a path, or below it: interests, spend.band.")
@click.option("--segment", metavar="NAME", help="Changes that enter or leave a segment.")
@click.option("--kind", metavar="KIND", help="Anomalies of a kind: velocity, spend, bot-like.")
@click.option("--min-severity", type=click.IntRange(0, 100), metavar="N", help="Anomalies of at least this severity.")
@click.option("--json/--pretty", "as_json", default=None, help="JSON lines or text; default: by kind of output.")
@locale_option
@bootstrap_option
@pass_context
def command(
    context: Context,
    /,
    records: str,
    start: str,
    limit: int | None,
    no_follow: bool,
    as_json: bool | None,
    **chosen: Any,
) -> None:
    """Follow profile changes, anomalies or refused records, with their messages.

    On a terminal each record is one or a few lines of text; in a pipe it is one JSON object per line: the record and
    its position. It joins no consumer group and changes nothing. While no Kafka answers it waits, and then goes on
    where it was. Ctrl-C ends it.
    """
    if as_json is None:
        as_json = not context.out.is_terminal
    filters = _filters(context, records, chosen)
    asyncio.run(_watch(context, records, start == "start" or no_follow, not no_follow, limit, as_json, filters))


def _filters(context: Context, records: str, chosen: dict[str, Any]) -> "Filters":
    """What is asked for. UserError for an option that these records know nothing of."""
    from liveprofile.streams.query.filters import Filters

    given = {name: value for name, value in chosen.items() if value is not None}
    for name in given:
        if records not in FITS[name]:
            option = f"--{name.replace('_', '-')}"
            raise UserError(f"{option} does not go with {records}.", f"It chooses from {' or '.join(FITS[name])}.")
    if "user" in given and "profile" in given:
        raise UserError("--user and --profile both name one shopper.", "Give one of them.")
    if (user := given.pop("user", None)) is not None:
        given["profile"] = profile_id_of(context, user, anonymous=False)
    return Filters(**given)


async def _watch(
    context: Context,
    records: str,
    from_start: bool,
    follow: bool,
    limit: int | None,
    as_json: bool,
    filters: "Filters",
) -> None:
    from liveprofile.streams.query.reader import decoded, open_reader
    from liveprofile.streams.render.records import topic_of

    left = limit
    async with open_reader(context.bootstrap()) as reader:
        topic = topic_of(records, context.settings.topics)
        if not as_json:
            context.inform(f"watching {topic}; Ctrl-C ends it" if follow else f"reading {topic} to its end")
        async with aclosing(_batches(reader, topic, from_start, follow)) as batches:
            async for batch in batches:
                for record in batch:
                    if not filters.take(decoded(record)):
                        continue
                    _print(context, records, record, as_json)
                    left = None if left is None else left - 1
                    if left == 0:
                        return


async def _batches(reader: "Reader", topic: str, from_start: bool, follow: bool) -> AsyncGenerator[list[Any], None]:
    """Records as they arrive, or those that are there now, in the order of time within a batch."""
    if follow:
        async for batch in reader.follow([topic], from_start=from_start):
            yield batch
        return
    async for batch in reader.read_to_end(reader.places([topic])):
        yield batch


def _print(context: Context, kind: str, record: object, as_json: bool) -> None:
    from liveprofile.streams.render import records

    if as_json:
        click.echo(records.as_json_line(record, context.in_locale))
        return
    for line in records.as_text(kind, record, context.in_locale):
        context.write(line, records.INDENT)
