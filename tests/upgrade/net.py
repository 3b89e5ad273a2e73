"""`python -m tests.upgrade.net`: folds the fixed logs, and compares what comes out with the digests of before."""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
import orjson
import structlog

from liveprofile.streams.backtest.engine.arrivals import Arrival
from tests.upgrade import normal
from tests.upgrade.digests import Digests, Net, differing, first_difference
from tests.upgrade.logs import DATA, LOGS, ROOT, FixedLog
from tests.upgrade.program import end_of, fold_arrivals, wiring

FILE = Path(__file__).with_name("digests.json")


def known() -> dict[str, Digests]:
    """The digests of before, by log."""
    found: dict[str, Digests] = orjson.loads(FILE.read_bytes()) if FILE.exists() else {}
    return found


def write(found: dict[str, Digests]) -> None:
    """Put new digests of some logs beside those of the others."""
    FILE.write_bytes(orjson.dumps(known() | found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


async def digests_of(
    log: FixedLog, arrivals: Sequence[Arrival], folder: Path, model: Path, dump: Path | None
) -> Digests:
    """Put a log through the program; `folder` gets a text cache of its own, so that every text is embedded anew."""
    began = time.monotonic()
    wired = wiring(folder, model, log.partitions, log.currency)
    net = Net(wired.topics, dump / log.name if dump else None)

    def progress(done: int) -> None:
        click.echo(f"\r{log.name}: {done:,} of {len(arrivals):,}, {time.monotonic() - began:.0f} s", err=True, nl=False)

    engine = await fold_arrivals(wired, arrivals, net, progress, log.tick_s)
    net.take_end(end_of([one.fold for one in engine.partitions], log.currency))
    net.take_items(engine.items)
    click.echo(f"\r{log.name}: {len(arrivals):,} records, {time.monotonic() - began:.0f} s   ", err=True)
    return net.digests()


@click.command(help=f"Fold fixed logs: {', '.join(LOGS)}; all of them unless some are named.")
@click.argument("names", nargs=-1, type=click.Choice(list(LOGS)))
@click.option("--write", "writes", is_flag=True, help="Keep the digests as those to compare with.")
@click.option("--check", is_flag=True, help="Compare with the digests kept (what is done without an option).")
@click.option("--dump", type=click.Path(path_type=Path), help="Write every record that is hashed into this folder.")
@click.option("--before", type=click.Path(path_type=Path), help="Such a folder of another version: shows differences.")
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="The shared data folder.")
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    default=ROOT / ".liveprofile" / "model",
    help="Folder of the exported model, this checkout's if not given.",
)
def main(
    names: tuple[str, ...], writes: bool, check: bool, dump: Path | None, before: Path | None, data: Path, model: Path
) -> None:
    """Exits with 1 where a part of a log differs."""
    if writes and check:
        raise click.UsageError("--write and --check exclude each other")
    for noisy in ("streams", "models"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wrong = 0
    for name in names or LOGS:
        log = LOGS[name]
        if log.file and not (data / log.file).exists():
            click.echo(f"{name}: SKIPPED FOR WANT OF DATA: {data / log.file} is not there")
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(digests_of(log, log.arrivals(data), Path(folder), model, dump))
        if writes:
            write({name: found})
        else:
            wrong += _report(name, known().get(name, {}), found, dump, before)
    sys.exit(1 if wrong else 0)


def _report(name: str, expected: Digests, found: Digests, dump: Path | None, before: Path | None) -> int:
    """Say which parts differ, and where; returns how many."""
    parts = [part for part in differing(expected, found) if part not in normal.PARTS_LEFT_OUT]
    click.echo(f"{name}: {f'{len(parts)} parts differ' if parts else f'all {len(found)} parts are the same'}")
    shown = set()
    for part in parts:
        click.echo(f"  {part}: {expected.get(part, 'not there')} before, {found.get(part, 'not there')} now")
        file = f"{name}/{part.partition('.')[0]}.jsonl.gz"
        if dump and before and file not in shown and (before / file).exists() and (dump / file).exists():
            shown.add(file)
            click.echo(f"    {first_difference(before / file, dump / file)}")
    return len(parts)


if __name__ == "__main__":
    main()
