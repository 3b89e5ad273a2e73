"""`liveprofile topics create|list|check|accept`: the topics of the application on the Kafka it talks to."""

import asyncio
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, examples, pass_context

if TYPE_CHECKING:
    from liveprofile.streams.contract.topics import Topic

MISSING = 3
"""Exit code of `list` and `check` when a topic is missing or is not as it was."""


@click.group(epilog=examples("liveprofile topics create", "liveprofile --bootstrap kafka:9092 topics list --json"))
def command() -> None:
    """Create and check the topics."""


@command.command()
@bootstrap_option
@pass_context
def create(context: Context) -> None:
    """Create the topics that are missing; refuse when one has another number of partitions than the settings say."""
    from liveprofile.streams.admin.topics import create_topics

    topics = context.settings.topics
    created = asyncio.run(create_topics(context.bootstrap(), topics, replication=context.settings.replication))
    for name in created:
        context.out.print(f"created {name}")
    context.out.print(f"{len(topics.all())} topics are there, {len(created)} of them new")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@bootstrap_option
@pass_context
def list_command(context: Context, as_json: bool) -> None:
    """Show every topic: wanted and real partitions, and what it is for. Exit code 3 if one is missing or differs."""
    from liveprofile.streams.admin.topics import list_topics

    topics = context.settings.topics.all()
    real = asyncio.run(list_topics(context.bootstrap(), topics))
    if as_json:
        click.echo(_as_json(topics, real))
    else:
        _print_table(context, topics, real)
    fine = all(real[topic.name] == topic.partitions for topic in topics)
    click.get_current_context().exit(0 if fine else MISSING)


def _as_json(topics: "tuple[Topic, ...]", real: dict[str, int | None]) -> str:
    import orjson

    rows = [
        {"name": topic.name, "partitions": real[topic.name], "wanted": topic.partitions, "config": dict(topic.config)}
        for topic in topics
    ]
    return orjson.dumps(rows).decode()


def _print_table(context: Context, topics: "tuple[Topic, ...]", real: dict[str, int | None]) -> None:
    from rich.table import Table

    table = Table("topic", "partitions", "cleanup", "what", box=None, pad_edge=False)
    for topic in topics:
        count = real[topic.name]
        told = (
            "missing"
            if count is None
            else str(count)
            if count == topic.partitions
            else f"{count}, not {topic.partitions}"
        )
        table.add_row(topic.name, told, topic.config.get("cleanup.policy", ""), topic.purpose)
    context.out.print(table)


@command.command(epilog=examples("liveprofile topics check"))
@bootstrap_option
@pass_context
def check(context: Context) -> None:
    """Show whether the topics are still those that profiles were made from. Exit code 3 if one is another."""
    from liveprofile.streams.admin.accept_topic import compare

    steps = asyncio.run(compare(context.bootstrap(), context.settings.topics))
    for step in steps:
        context.out.print(f"{step.topic}  {step.difference or 'as it was'}")
    click.get_current_context().exit(MISSING if any(step.difference for step in steps) else 0)


@command.command(epilog=examples("liveprofile topics accept clicks"))
@click.argument("name")
@bootstrap_option
@pass_context
def accept(context: Context, name: str) -> None:
    """Go on with a topic that was deleted and created again, or that got more partitions. Stop all workers first.

    \b
    inputs     read from their beginning, as new records
    activity   emptied; inputs are read again, and what was folded before is dropped
    state      profiles are made again, if activity still has everything; refused otherwise
    examples   read from their beginning
    models     learnt anew from the examples that are left, under new numbers
    """
    from liveprofile.streams.admin.accept_topic import accept as go_on

    done = asyncio.run(go_on(context.bootstrap(), context.settings.topics, name))
    context.out.print(f"accepted {name}: {done}")
