"""`liveprofile topics create|list|check|accept`: the application's topics in Kafka."""

import asyncio
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.errors import ExitCode

if TYPE_CHECKING:
    from liveprofile.streams.admin.check_topics import Checked
    from liveprofile.streams.contract.topics import Topic

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group(epilog=examples("liveprofile topics create", "liveprofile --bootstrap kafka:9092 topics list --json"))
def command() -> None:
    """Create and check the topics."""


@command.command(epilog=examples("liveprofile topics create", "liveprofile --bootstrap kafka:9092 topics create"))
@AS_JSON
@bootstrap_option
@pass_context
def create(context: Context, as_json: bool) -> None:
    """Create missing topics; refuse if one has another number of partitions than the settings."""
    from liveprofile.streams.admin.topics import create_topics, refuse_second

    topics, bootstrap = context.settings.topics, context.bootstrap()
    asyncio.run(refuse_second(bootstrap, topics))
    created = asyncio.run(create_topics(bootstrap, topics, replication=context.settings.replication))
    if as_json:
        echo_json({"topics": [topic.name for topic in topics.all()], "created": created})
        return
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


@command.command(epilog=examples("liveprofile topics check", "liveprofile topics check --json"))
@AS_JSON
@bootstrap_option
@pass_context
def check(context: Context, as_json: bool) -> None:
    """Show whether all topics are there, are still those that profiles were made from, and are configured for them.

    Exit code 3 if one is missing, was replaced, has another number of partitions or a configuration that is not safe,
    or belongs to another application; then the commands that repair it are printed.
    """
    from liveprofile.streams.admin.check_topics import check_topics
    from liveprofile.streams.runtime.topic_shape import repair

    settings, bootstrap = context.settings, context.bootstrap()
    found = asyncio.run(check_topics(bootstrap, settings.topics, settings.worker.max_record_bytes))
    commands = repair(bootstrap, found.faults) if found.faults else ""
    if as_json:
        _print_checked(found, commands)
    else:
        for topic in found.topics:
            context.out.print(f"{topic.name}  {topic.words}", soft_wrap=True)
        for fault in found.faults:
            context.out.print(fault.words, soft_wrap=True)
        if commands:
            click.echo(commands)
        if found.missing and found.refusal is None:
            context.out.print(f"{len(found.missing)} topics are missing: liveprofile topics create", soft_wrap=True)
    if found.refusal is not None:
        raise found.refusal
    click.get_current_context().exit(0 if found.is_fine else ExitCode.WRONG)


def _print_checked(found: "Checked", commands: str) -> None:
    import msgspec

    echo_json(
        {
            "ok": found.is_fine,
            "topics": msgspec.to_builtins(found.topics),
            "faults": [fault.words for fault in found.faults],
            "repair": commands.splitlines(),
            "refused": found.refusal.message if found.refusal else None,
        }
    )


@command.command(epilog=examples("liveprofile topics accept clicks"))
@click.argument("name")
@AS_JSON
@bootstrap_option
@pass_context
def accept(context: Context, name: str, as_json: bool) -> None:
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
    if as_json:
        echo_json({"topic": name, "done": done})
    else:
        context.out.print(f"accepted {name}: {done}", soft_wrap=True)
