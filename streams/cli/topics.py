"""`liveprofile topics create|list|check|accept`: the application's topics in Kafka."""

import asyncio
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, examples, pass_context
from liveprofile.streams.exit_codes import ExitCode

if TYPE_CHECKING:
    from liveprofile.streams.contract.topics import Topic


@click.group(epilog=examples("liveprofile topics create", "liveprofile --bootstrap kafka:9092 topics list --json"))
def command() -> None:
    """Create and check the topics."""


@command.command(epilog=examples("liveprofile topics create", "liveprofile --bootstrap kafka:9092 topics create"))
@bootstrap_option
@pass_context
def create(context: Context) -> None:
    """Create missing topics; refuse if one has another number of partitions than the settings."""
    from liveprofile.streams.admin.topics import create_topics, refuse_second

    topics, bootstrap = context.settings.topics, context.bootstrap()
    asyncio.run(refuse_second(bootstrap, topics))
    created = asyncio.run(create_topics(bootstrap, topics, replication=context.settings.replication))
    for name in created:
        context.out.print(f"created {name}")
    context.out.print(f"{len(topics.all())} topics exist, {len(created)} of them are new")


@command.command("list", epilog=examples("liveprofile topics list", "liveprofile topics list --json"))
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@bootstrap_option
@pass_context
def list_command(context: Context, as_json: bool) -> None:
    """Show every topic with partitions and purpose. Exit code 3 if one is missing or differs from the settings."""
    from liveprofile.streams.admin.topics import list_topics

    topics = context.settings.topics.all()
    real = asyncio.run(list_topics(context.bootstrap(), topics))
    if as_json:
        click.echo(_as_json(topics, real))
    else:
        _print_table(context, topics, real)
    fine = all(real[topic.name] == topic.partitions for topic in topics)
    click.get_current_context().exit(0 if fine else ExitCode.WRONG)


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
        partitions = (
            "missing"
            if count is None
            else str(count)
            if count == topic.partitions
            else f"{count}, not {topic.partitions}"
        )
        table.add_row(topic.name, partitions, topic.config.get("cleanup.policy", ""), topic.purpose)
    context.out.print(table)


@command.command(epilog=examples("liveprofile topics check"))
@bootstrap_option
@pass_context
def check(context: Context) -> None:
    """Show whether the topics are still those that profiles were made from, and configured as profiles need them.

    Exit code 3 if one was replaced, or if a configuration is not safe; then the commands that repair it are printed.
    """
    from liveprofile.streams.admin.accept_topic import compare
    from liveprofile.streams.admin.topics import topic_faults
    from liveprofile.streams.runtime.topic_shape import repair

    settings, bootstrap = context.settings, context.bootstrap()
    steps = asyncio.run(compare(bootstrap, settings.topics))
    for step in steps:
        context.out.print(f"{step.topic}  {step.difference or 'unchanged'}")
    faults = asyncio.run(topic_faults(bootstrap, settings.topics, settings.worker.max_record_bytes))
    for fault in faults:
        context.out.print(fault.words, soft_wrap=True)
    if faults:
        click.echo(repair(bootstrap, faults))
    is_wrong = bool(faults) or any(step.difference for step in steps)
    click.get_current_context().exit(ExitCode.WRONG if is_wrong else 0)


@command.command(epilog=examples("liveprofile topics accept clicks"))
@click.argument("name")
@bootstrap_option
@pass_context
def accept(context: Context, name: str) -> None:
    """Accept a topic that was deleted and created again, or that got more partitions. Stop all workers first.

    \b
    inputs     read from their beginning, as new records
    activity   emptied; inputs are read again, and already folded events are dropped
    state      profiles are folded again if activity is complete; refused otherwise
    examples   read from their beginning
    models     learnt anew from the remaining examples, with new version numbers
    """
    from liveprofile.streams.admin.accept_topic import accept as go_on

    done = asyncio.run(go_on(context.bootstrap(), context.settings.topics, name))
    context.out.print(f"accepted {name}: {done}")
