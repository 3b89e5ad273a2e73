"""`liveprofile backtest`: how well the stream judges shoppers, without Kafka, against what is known to be true."""

import asyncio
from typing import TYPE_CHECKING, Any

import click

from streams.cli.context import Context, examples, pass_context

if TYPE_CHECKING:
    from rich.progress import Progress


@click.group(
    epilog=examples(
        "liveprofile backtest simulator",
        "liveprofile backtest simulator --days 84 --seed 8 --json | jq .churn.model",
    )
)
def command() -> None:
    """Run a shop through the very stages of the stream, in one process and without Kafka, and judge what they say.

    \b
    What is measured, and against what:
      interests     what is said of a shopper's interests, against the categories that the shopper truly likes
      intent        the chance of a purchase, asked after the third act of each session
      purchase, churn   asked of everybody seen within a week, a week before the end; a model learns neither before
                    outcomes are known, which takes 7 and 14 days and more: give it --days 35 or more
      anomalies     trouble that was planted, 4 times a day on 1,000 shoppers, from the time on when voters have been
                    calibrated: how much of it is found, how soon, and at how many false alerts

    Each chance stands beside the baselines prior rate, recency and frequency. AUC and average precision say how well
    it ranks; log loss and calibration error, whether it can be believed as a number. The same arguments give the same
    figures on every machine.
    """


@command.command(epilog=examples("liveprofile backtest simulator", "liveprofile backtest simulator --days 84 --json"))
@click.option("--users", type=click.IntRange(min=1), default=500, show_default=True, help="How many shoppers.")
@click.option("--days", type=click.FloatRange(min=0.1), default=56.0, show_default=True, help="Days of shop time.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Draws the shop and its course.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@pass_context
def simulator(context: Context, users: int, days: float, seed: int, as_json: bool) -> None:
    """A simulated shop, whose truth is known: what its shoppers like, who buys, who has left, who is no person."""
    from streams.backtest.parts import OfflineWiring, offline
    from streams.backtest.simulated import SimulatedShop

    context.start_logs()
    with _bar(context) as bar:
        task = bar.add_task("simulated shop", total=1.0)
        shop = SimulatedShop(OfflineWiring(offline(context.settings)), users, days, seed)
        found = asyncio.run(shop.run(lambda share: bar.update(task, completed=share)))
        bar.update(task, completed=1.0)
    if as_json:
        import orjson

        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        _print(context, found)


def _print(context: Context, found: dict[str, Any]) -> None:
    from streams.backtest.tables import tables

    for table in tables(found):
        context.out.print()
        context.out.print(table)


def _bar(context: Context) -> "Progress":
    """The share of the shop's time that has passed, shown on a terminal only."""
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=context.err,
        disable=not context.err.is_terminal,
    )
