"""`python -m benchmarks NAME [--json]`: one benchmark, or all of them as a table."""

import importlib
import logging
import platform
import sys
from pathlib import Path
from typing import Any

import click
import orjson
import structlog
from rich.console import Console
from rich.table import Table

from liveprofile.streams.runtime.collector import spare_the_collector

NAMES = {
    "transport": "Records into Python: raw aiokafka, stock Faust, the batch transport.",
    "pipeline": "Events through all stages, the fold alone, the same engine on stock Faust, and aiokafka alone.",
    "fold": "The fold alone, in memory: newcomers, shoppers who are known, and one shopper with all the traffic.",
    "heavy": "Heavy batches through ingest: the longest pause of the event loop, and memory.",
    "embed": "Texts a second: fp32, plain int8, what makes it faster, and how alike the vectors are.",
    "cost": "Processor time and latency of one worker by events/s, at fixed arrival; see --rates, --busy.",
    "start": "Seconds until a worker is ready, with warm caches, by its stages.",
    "scale": "The same backlog by 1, 2 and 4 processes: events/s, and per second of processor time. Not in all.",
    "latency": "Click to change, end to end, at the demo's rate.",
    "timers": "A hundred thousand timers due at one moment, among live events.",
    "peers": "The same engine under Quix Streams, Bytewax and stock Faust; `make bench-peers` runs it. Not in all.",
    "snapshot": "Microseconds of a profile's snapshot and of a fact, against orjson.dumps of an equal dict.",
    "state": "Checkpoints: profiles written a second, bytes each.",
    "serve": "The query service: catch-up, restart, reads at a fixed rate and as fast as they come; see --profiles.",
    "identity": "A million links resolved anew by new rules.",
    "recommend": "One recommendation, its lesson and a followed record, against nearest neighbours from scikit-learn.",
    "profile_size": "Bytes of a profile on UCI Online Retail, and lines a second through the offline engine.",
    "backtest": "Half a million lines of UCI Online Retail through the offline engine.",
    "scrub": "Share of real texts, --texts FILE with one a line, that the scrubber changes. Not in all.",
    "recovery": "Small records read, and profiles loaded, a second; seconds and memory for a million profiles.",
}


OPTIONS = {
    "embed": ("folders",),
    "cost": ("rates", "seconds", "busy", "partitions"),
    "peers": ("quick", "only"),
    "scale": ("events",),
    "serve": ("profiles",),
    "scrub": ("texts",),
}
"""The options that only some benchmarks have, by benchmark."""
APART = ("peers", "scale", "scrub")
"""Benchmarks that `all` leaves out."""


def _rates(context: click.Context, option: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Numbers with commas between them. BadParameter for anything else."""
    try:
        return tuple(int(rate) for rate in value.split(",")) if value else ()
    except ValueError:
        raise click.BadParameter(f"{value} is not a list of whole numbers such as 0,200,1000.") from None


@click.command(help="Measure. Names:\n\n\b\n" + "\n".join(f"{n:10} {t}" for n, t in NAMES.items()))
@click.argument("name", type=click.Choice([*NAMES, "all"]))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--model",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="For embed: an exported model folder; several are compared, the first in every way.",
)
@click.option(
    "--rates", callback=_rates, metavar="N,N", help="For cost: events/s, 0 for idle.  [0,50,200,500,1000,2000]"
)
@click.option("--seconds", type=click.FloatRange(min=1), help="For cost: how long each rate is measured.  [30]")
@click.option("--busy", is_flag=True, default=None, help="For cost: another process keeps one core busy.")
@click.option("--partitions", type=click.IntRange(min=1), help="For cost: partitions of every topic.  [4]")
@click.option("--events", type=click.IntRange(min=1_000), help="For scale: how many.  [200000]")
@click.option("--profiles", type=click.IntRange(min=200), help="For serve: profiles on Kafka.  [100000]")
@click.option(
    "--texts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For scrub: a file with a text a line; of a line with a tab, what follows the last one.",
)
@click.option("--quick", is_flag=True, default=None, help="For peers: fewer events, for a shorter time.")
@click.option("--only", multiple=True, metavar="NAME", help="For peers: one of them; may be given several times.")
def main(name: str, as_json: bool, **options: Any) -> None:
    """Run one benchmark or all; progress goes to standard error."""
    _quiet_logs()
    progress = Console(stderr=True, highlight=False)
    figures: dict[str, dict[str, Any]] = {}
    for one in [one for one in NAMES if one not in APART] if name == "all" else [name]:
        progress.print(f"[dim]==>[/dim] {one}: {NAMES[one]}")
        module = importlib.import_module(f"benchmarks.{one}")
        spare_the_collector()  # as a worker does, and for what it is compared with too
        more = {key: value for key, value in options.items() if key in OPTIONS.get(one, ()) and value}
        figures[one] = module.run(lambda text: progress.print(f"[dim]   [/dim] {text}"), **more)
    if as_json:
        print(orjson.dumps(figures if name == "all" else figures[name], option=orjson.OPT_INDENT_2).decode())
    else:
        Console().print(_table(figures))


def _quiet_logs() -> None:
    """Leave standard output to the figures, and standard error to their progress."""
    logging.basicConfig(level=logging.ERROR)
    for name in ("aiokafka", "faust", "mode", "streams"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def _table(figures: dict[str, dict[str, Any]]) -> Table:
    """Every figure on a line, under the machine that they were taken on."""
    title = f"{platform.processor() or platform.machine()}, Python {platform.python_version()}"
    table = Table("benchmark", "figure", "value", title=title)
    for name, values in figures.items():
        for at, (figure, value) in enumerate(values.items()):
            table.add_row("" if at else name, figure, _shown(value))
        table.add_section()
    return table


def _shown(value: object) -> str:
    """A figure, or several under one heading."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(one)}" for name, one in value.items())
    return f"{value:,}" if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
