"""`liveprofile backtest`: evaluates the stream without Kafka on data with known truth."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.context import Context, UserError, examples, pass_context
from liveprofile.streams.cli.stopping import interrupted_at_once

if TYPE_CHECKING:
    from rich.progress import Progress

    from liveprofile.streams.backtest.backtest import Found


class Command(click.Command):
    """A command that lists its data sets in --help, and imports them only then."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The data sets, before the options."""
        from liveprofile.streams.backtest.data_sets import DATA_SETS

        with formatter.section("Data sets"):
            formatter.write_dl(
                [
                    (name, f"{one.words} From {one.source}. Licence: {one.licence}. Tasks: {', '.join(one.tasks)}.")
                    for name, one in sorted(DATA_SETS.items())
                ],
                col_max=20,
            )
        super().format_options(ctx, formatter)


@click.command(
    cls=Command,
    epilog=examples(
        "liveprofile backtest simulator",
        "liveprofile backtest simulator --days 84 --seed 8 --json | jq .tasks[0].methods",
        "liveprofile backtest amazon-next-item --data amazon_industrial --name Industrial_and_Scientific --json",
        "liveprofile backtest online-retail --data online_retail.csv.gz --task churn --report churn/",
    ),
)
@click.argument("data_set", metavar="DATASET")
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="The data set's file, or its folder.")
@click.option("--name", metavar="STEM", help="The stem of the files, if the folder has several data sets.")
@click.option("--task", metavar="TASK", help="One task of the data set, or all; without it, the first.")
@click.option("--limit", type=click.IntRange(min=1), help="Largest number of records.")
@click.option("--cut", metavar="DATE", help="Last known day in tasks with one cut; default: that of the data set.")
@click.option("--users", type=click.IntRange(min=1), default=500, show_default=True, help="Shoppers (simulator).")
@click.option(
    "--days", type=click.FloatRange(min=0.1), default=56.0, show_default=True, help="Days of shop time (simulator)."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    help="Seed of intervals and simulated shop.",
)
@click.option(
    "--ablate",
    metavar="WHAT",
    help="Repeat with one setting changed at a time, and compare: half-lives, items, slots, dims, precision, "
    "clusterers (separated by commas), or settings for all of them.",
)
@click.option(
    "--save-weights",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the weights learnt from the valid rows (amazon-next-item), for `liveprofile recommend`.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Also write report.md with plots into this folder.",
)
@pass_context
def command(
    context: Context,
    /,
    data_set: str,
    task: str | None,
    seed: int,
    ablate: str | None,
    as_json: bool,
    report: Path | None,
    **asked: Any,
) -> None:
    """Run a data set through the stages of the stream, in one process and without Kafka, and evaluate the results.

    Every case is predicted before it is learnt, in the order of time, and compared with baselines on the same cases.
    AUC and average precision (ap) measure ranking; log loss and calibration error (ece) measure probabilities; HR@10 is
    the share of cases with the true item among the first ten. Intervals contain 95% of 1,000 bootstrap draws of the
    users. The same arguments give the same figures on every machine.
    """
    from liveprofile.streams.backtest.backtest import backtest, chosen
    from liveprofile.streams.backtest.task.run import Run

    tasks = chosen(data_set, task)
    if ablate is not None:
        from liveprofile.streams.backtest.ablations import ablating

        tasks = [ablating(one, ablate.split(","), context.settings) for one in tasks]
    if report is not None:
        _check_report(report)
    context.start_logs(unless_set="warning")
    with _bar(context) as bar, interrupted_at_once():
        shown = bar.add_task(data_set, total=1.0)
        run = Run(context.settings, seed=seed, progress=lambda share: bar.update(shown, completed=share), **asked)
        found = asyncio.run(backtest(data_set, tasks, run))
        bar.update(shown, completed=1.0)
    _print(context, found, as_json)
    if report is not None:
        from liveprofile.streams.backtest.report.write import write_report

        context.inform(f"wrote {write_report(found, report)}")


def _check_report(folder: Path) -> None:
    """Check before a long run that plots can be drawn and the folder written."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise UserError(
            "--report draws plots with matplotlib, which is missing.", "Install it: pip install 'liveprofile[plots]'"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--report {folder} cannot be written: {error.strerror}.", "Give another folder.") from None


def _print(context: Context, found: "Found", as_json: bool) -> None:
    if as_json:
        import orjson

        options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
        click.echo(orjson.dumps(found.plain(), option=options))
        return
    from liveprofile.streams.backtest.report.tables import tables

    for part in tables(found.judged):
        context.out.print()
        context.out.print(part)


def _bar(context: Context) -> "Progress":
    """A progress bar, on a terminal only."""
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
