"""`python -m tests.faults RUN…`: do harm to a shop, have the oracle look, print one JSON object per run."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import orjson
import structlog
from rich.console import Console

from liveprofile.streams.broker import Broker
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.report import checkout, machine
from tests.faults.stock.control import CONTROLS, run_control
from tests.faults.trial import Trial

TABLE = "\n".join(f"{fault.id:4} {fault.title}" for fault in FAULTS.values())


@click.command(help=f"Run faults by their id, or `all`; `control` is stock Faust under the same.\n\n\b\n{TABLE}")
@click.argument("names", nargs=-1, required=True, metavar="RUN…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per run on standard output.")
@click.option("--n", type=int, help="How often the fault strikes, instead of the matrix's number.")
@click.option("--events", type=int, help="Events of the run.")
@click.option("--scale", type=click.FloatRange(0.0, 1.0, min_open=True), help="Share of the matrix's numbers.")
@click.option("--seed", type=int, default=7, show_default=True, help="Of the traffic and of the fault's moments.")
@click.option("--short", is_flag=True, help="The short form that CI runs.")
@click.option("--state", type=click.Choice(["memory", "rocksdb"]), default="memory", show_default=True)
@click.option("--results", type=click.Path(path_type=Path), help="Add each result to this file, as a JSON line.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep logs and data of the run in this folder.")
def main(names: tuple[str, ...], as_json: bool, results: Path | None, **options: Any) -> None:
    """Run each fault on a fresh broker; exits with 1 when one of them is not survived."""
    for noisy in ("aiokafka", "streams"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console(stderr=True, highlight=False)
    survived = True
    for name in _chosen(names):
        console.print(f"[dim]==>[/dim] {name}: {FAULTS[name].title if name in FAULTS else 'stock Faust'}")
        stock = name in CONTROLS
        result = run_control(name, options["seed"]) if stock else run_fault(FAULTS[name], console, **options)
        survived = survived and result["ok"]
        print(orjson.dumps(result).decode() if as_json else _line(result), flush=True)
        if results is not None:
            with results.open("ab") as file:
                file.write(
                    orjson.dumps(
                        result | {"commit": checkout(), "machine": machine()}, option=orjson.OPT_APPEND_NEWLINE
                    )
                )
    sys.exit(0 if survived else 1)


def _chosen(names: tuple[str, ...]) -> list[str]:
    groups = {"all": [*FAULTS, *CONTROLS], "control": list(CONTROLS)}
    single = {name: [name] for name in groups["all"]}
    if unknown := [name for name in names if name not in groups | single]:
        raise click.BadParameter(f"{', '.join(unknown)} is no fault: choose from {', '.join(single | groups)}.")
    return [one for name in names for one in (groups | single)[name]]


def run_fault(
    fault: Fault,
    console: Console | None = None,
    *,
    n: int | None = None,
    events: int | None = None,
    scale: float | None = None,
    seed: int = 7,
    short: bool = False,
    state: str = "memory",
    keep: Path | None = None,
    broker: Broker | None = None,
) -> dict[str, Any]:
    """Run one fault in a folder of its own, on a running broker if there is one; gives the result."""
    usual_n, usual_events = fault.short if short and fault.short else _scaled(fault, scale)
    with tempfile.TemporaryDirectory(prefix=f"liveprofile-{fault.id}-") as folder:
        trial = Trial(
            fault.id,
            usual_n if n is None else n,
            usual_events if events is None else events,
            seed,
            keep / fault.id if keep else Path(folder),
            timed=not short,
            state=state,
            broker=broker,
            progress=(lambda text: console.print(f"[dim]   {text}[/dim]")) if console else lambda text: None,
        )
        try:
            asyncio.run(fault.run(trial))
        except (AssertionError, TimeoutError) as error:
            trial.require(False, str(error))
        return trial.result()


def _scaled(fault: Fault, scale: float | None) -> tuple[int, int]:
    """Times and events of a run, or the wanted share of them: at least once, and 2,000 events."""
    if scale is None:
        return fault.n, fault.events
    return max(1, round(fault.n * scale)), max(min(fault.events, 2_000), round(fault.events * scale))


def _line(result: dict[str, Any]) -> str:
    if result["fault"] in CONTROLS:
        return f"{result['fault']:11} stock Faust lost {result['lost']}, counted {result['double']} twice"
    counts = " ".join(f"{name}={count}" for name, count in result["invariants"].items())
    return f"{result['fault']:4} {'survived' if result['ok'] else 'FAILED'}  {counts}  {result['recovery_s']}"


if __name__ == "__main__":
    main()
