"""`liveprofile watch`: follows changes, anomalies or refused records, as text or as JSON lines."""

import asyncio

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, examples, pass_context

KINDS = ("changes", "anomalies", "dead-letters")


@click.command(
    epilog=examples(
        "liveprofile watch changes",
        "liveprofile watch anomalies --from start",
        "liveprofile watch dead-letters --from start --limit 10",
        "liveprofile watch changes | jq -r '.profile_id + \" \" + .changes[].message'",
    )
)
@click.argument("kind", type=click.Choice(KINDS))
@click.option(
    "--from",
    "start",
    type=click.Choice(["start", "end"]),
    default="end",
    show_default=True,
    help="Begin with the oldest record, or with the next new one.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many records.")
@click.option("--json/--pretty", "as_json", default=None, help="JSON lines or text; default: by kind of output.")
@bootstrap_option
@pass_context
def command(context: Context, kind: str, start: str, limit: int | None, as_json: bool | None) -> None:
    """Follow profile changes, anomalies or refused records, with their messages.

    On a terminal each record is one or a few lines of text; in a pipe it is one JSON object per line: the record and
    its position. It joins no consumer group and changes nothing. Ctrl-C ends it.
    """
    if as_json is None:
        as_json = not context.out.is_terminal
    asyncio.run(_watch(context, kind, start == "start", limit, as_json))


async def _watch(context: Context, kind: str, from_start: bool, limit: int | None, as_json: bool) -> None:
    from contextlib import aclosing

    from liveprofile.streams.query.reader import open_reader
    from liveprofile.streams.render import records

    left = limit
    async with open_reader(context.bootstrap()) as reader:
        topic = records.topic_of(kind, context.settings.topics)
        if not as_json:
            context.inform(f"watching {topic}; Ctrl-C ends it")
        async with aclosing(reader.follow([topic], from_start=from_start)) as batches:
            async for batch in batches:
                for record in batch[:left]:
                    _print(context, kind, record, as_json)
                left = None if left is None else left - len(batch)
                if left is not None and left <= 0:
                    return


def _print(context: Context, kind: str, record: object, as_json: bool) -> None:
    from liveprofile.streams.render import records

    if as_json:
        click.echo(records.as_json_line(record))
        return
    for line in records.as_text(kind, record):
        context.out.print(line, soft_wrap=True)
