"""`liveprofile check`: events of a shop's own against the contract, without Kafka."""

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.bars import file_bar
from liveprofile.streams.cli.context import Context, echo_json, examples, pass_context
from liveprofile.streams.cli.stopping import interrupted_at_once, stop_noted
from liveprofile.streams.clock import now_ms
from liveprofile.streams.errors import ExitCode

if TYPE_CHECKING:
    from liveprofile.streams.backtest.check.findings import Findings
    from liveprofile.streams.backtest.check.lines import LineFile
    from liveprofile.streams.backtest.check.profiles import Became, KeptEvents

INPUTS = ("clicks", "searches", "purchases", "reviews", "feedback", "declarations")
"""As in the contract, which is not imported for --help; a test compares them."""
EVERY = 2_000
"""Records between two updates of the bar."""
INDENT = 4


@click.command(
    epilog=examples(
        "liveprofile check clicks.jsonl",
        "liveprofile check export.jsonl.gz --input purchases --profiles 3",
        "head -1000 events.jsonl | liveprofile check - --json | jq .refused",
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--input",
    "given",
    type=click.Choice(INPUTS),
    metavar="NAME",
    help=f"Input of all records: {', '.join(INPUTS)}. Without it, the field topic of each line says it, or FILE's "
    "name.",
)
@click.option(
    "--profiles",
    type=click.IntRange(min=0, max=1_000),
    default=1,
    show_default=True,
    help="Shoppers whose profiles are shown, those with the most events of the first 20,000; 0: none.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def command(context: Context, file: str, given: str | None, profiles: int, as_json: bool) -> None:
    """Check a file of events, one JSON object a line, plain or .gz (- reads standard input).

    Shows what ingest would take, what it would refuse and why, and fields that are not read but look like known ones;
    then what a profile would become of the events. All in memory: no Kafka is needed, and nothing is written.

    Exits with 3 if a record is refused, or if there is none.
    """
    from liveprofile.streams.backtest.check.lines import LineFile
    from liveprofile.streams.backtest.check.profiles import KeptEvents

    at_ms = now_ms()
    kept = KeptEvents(at_ms)
    with LineFile(file) as lines, stop_noted() as asked_to_stop:
        found, whole = _judged(context, lines, given, kept, at_ms, asked_to_stop)
    became = _became(context, kept, profiles) if whole and profiles and len(kept) else []
    _print(context, found, lines.name, became, as_json)
    if not whole:
        context.inform("stopped: the rest of the file was not read")
        sys.exit(ExitCode.INTERRUPTED)
    if found.refusals:
        sys.exit(ExitCode.WRONG)


def _judged(
    context: Context, file: "LineFile", given: str | None, kept: "KeptEvents", at_ms: int, asked_to_stop: Any
) -> tuple["Findings", bool]:
    """The findings, and whether the whole file was read. DataError for a file without records."""
    from liveprofile.streams.backtest.check.findings import Findings
    from liveprofile.streams.backtest.check.lines import read
    from liveprofile.streams.contract.placeholders import Placeholders
    from liveprofile.streams.errors import DataError
    from liveprofile.streams.stages.ingest.exchange import Exchange
    from liveprofile.streams.stages.wiring import Wiring

    settings = context.settings
    oldest_ms = round(settings.ingest.oldest_event_days * 86_400_000)
    exchange = Wiring(settings, "").exchange()
    found = Findings(
        exchange.exchange if exchange else Exchange(settings.currency),
        at_ms,
        oldest_ms,
        Placeholders(settings.ingest.placeholders),
    )
    with file_bar(context, transient=True) as bar:
        shown = bar.add_task(file.name, total=file.size, records=0)
        for number, line in enumerate(read(file, given)):
            if number % EVERY == 0:
                bar.update(shown, completed=file.position, records=number)
                if asked_to_stop():
                    return found, False
            event = found.add(line)
            if event is not None:
                kept.add(line, event)
    if not found.records:
        raise DataError(f"{file.name} has no records.", "Expected is one JSON object a line.")
    return found, True


def _became(context: Context, kept: "KeptEvents", count: int) -> "list[Became]":
    """The profiles; none, and a word about it, without an exported model."""
    from liveprofile.models.errors import ModelError
    from liveprofile.streams.backtest.check.profiles import become

    context.start_logs(unless_set="warning")
    context.inform("making profiles of them, in memory")
    try:
        with interrupted_at_once():
            return asyncio.run(become(context.settings, kept, count))
    except ModelError as error:
        context.inform(f"no profile is shown: {error}")
        return []


def _print(context: Context, found: "Findings", name: str, became: "list[Became]", as_json: bool) -> None:
    from liveprofile.streams.backtest.check import report

    if as_json:
        echo_json(report.as_json(found, name) | {"profiles": [one.snapshot for one in became]})
        return
    for line in report.as_lines(found, name):
        context.write(line, 2 * INDENT)
    if not became:
        return
    from datetime import UTC, datetime

    from liveprofile.streams.query.reader import decoded
    from liveprofile.streams.render.profile import profile_panel
    from liveprofile.streams.render.records import clock

    context.inform("ids below are of a key for this command alone: they are others in your stream")
    for one in became:
        published = [(clock(record), decoded(record)) for record in one.changes[:-6:-1]]
        context.draw(profile_panel(one.snapshot, datetime.now(UTC), published))
