"""`liveprofile demo`: the whole system on this machine, live."""

import time

import click

from liveprofile.streams.cli.context import (
    Context,
    UserError,
    bootstrap_option,
    examples,
    language_option,
    pass_context,
)
from liveprofile.streams.errors import ExitCode


@click.command(
    epilog=examples(
        "liveprofile demo",
        "liveprofile demo --for 30                  # lines of progress, then a summary",
        "liveprofile demo --rate 2000 --users 20000",
        "liveprofile --data-dir .liveprofile-zh demo --language zh",
        "liveprofile demo --secure                  # encrypted, and what is not allowed is denied",
        "liveprofile --bootstrap kafka:9092 demo    # on a Kafka of yours",
    )
)
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(min=1),
    envvar="FOR",
    metavar="S",
    help="Stop after so many seconds; otherwise on Ctrl-C. Without a terminal: 60.",
)
@click.option("--rate", type=click.FloatRange(min=1), default=200, show_default=True, help="Shop events a second.")
@click.option("--users", type=click.IntRange(min=1), default=2_000, show_default=True, help="Shoppers.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the shop; random by default.")
@language_option
@click.option("--join", is_flag=True, help="Let simulated shoppers join the profiles that are there.")
@click.option("--secure", is_flag=True, help="TLS and passwords, and each process with its own rights and no others.")
@click.option("--serve/--no-serve", "page", default=True, help="Whether it has a page.", show_default=True)
@bootstrap_option
@pass_context
def command(
    context: Context,
    seconds: float | None,
    rate: float,
    users: int,
    seed: int | None,
    language: str | None,
    join: bool,
    secure: bool,
    page: bool,
) -> None:
    """Start Kafka, topics, a worker and simulated shop traffic, and watch profiles change.

    It prints the address of a page (liveprofile serve) that shows all of it. On a terminal there is a view of flow,
    latency, changes with reasons, anomalies and one shopper besides, until Ctrl-C. Otherwise, or with --for, it prints
    a line every few seconds and a summary. At the end it stops everything that it started.
    """
    from liveprofile.streams.cli.demo.language import speak
    from liveprofile.streams.cli.demo.processes import ChildDiedError, last_words
    from liveprofile.streams.cli.demo.run import Plan, run_demo

    if language is not None:
        speak(context, language)
    if seconds is None and not context.out.is_terminal:
        seconds = 60.0
    if secure and context.settings.bootstrap:
        raise UserError(
            "--secure is about the embedded Kafka, and another one was given.",
            "Leave one of them out: a Kafka of yours is used as its own settings say, see [kafka].",
        )
    plan = Plan(seconds, rate, users, int(time.time()) % 1_000_000 if seed is None else seed, join, secure, page)
    try:
        run_demo(context, plan)
    except ChildDiedError as error:
        click.echo(last_words(error.child), err=True)
        click.echo(click.style("Error: ", fg="red", bold=True) + str(error), err=True)
        click.get_current_context().exit(ExitCode.FAILED)
