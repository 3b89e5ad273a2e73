"""`liveprofile replay`: sends real data from a file to the input topics."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.bars import file_bar
from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.cli.stopping import stop_on_signals
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.errors import DataError

if TYPE_CHECKING:
    from liveprofile.streams.datasets.record import Skipped
    from liveprofile.streams.producers.replay import Clock

SHOWN = 60
"""Shown characters of a bad line."""


@click.command(
    epilog=examples(
        "liveprofile replay online_retail.csv.gz --format online-retail",
        "liveprofile replay 2019-Oct.csv.gz --format rees46 --speed 60 --shift-to-now",
        "liveprofile replay mine.jsonl --format jsonl --limit 1000",
    )
    + "\n\n\b\nFormats:\n"
    + "\n".join(f"  {name:<17}{form.words}" for name, form in FORMATS.items())
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), metavar="NAME", required=True, help="Format of the file."
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Seconds of recorded time per second; 0: as fast as possible.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Largest number of records.")
@click.option(
    "--shift-to-now",
    is_flag=True,
    help="Shift event time: with --speed to the time of sending, without it so that the last record is now.",
)
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@bootstrap_option
@pass_context
def command(
    context: Context, file: Path, form: str, speed: float, limit: int | None, shift_to_now: bool, as_json: bool
) -> None:
    """Send a file of real events, plain or .gz, into the input topics.

    Other rows of the file are skipped and counted; a summary is printed at the end. Ctrl-C ends it cleanly.
    """
    from liveprofile.streams.clock import now_ms
    from liveprofile.streams.datasets.reading import last_time_ms
    from liveprofile.streams.producers.replay import Clock

    clock = Clock(speed, stamp_now=shift_to_now and speed > 0)
    if shift_to_now and not speed:
        context.inform(f"looking for the last time in {file.name}")
        last = last_time_ms(file, FORMATS[form], limit)
        clock = Clock(shift_ms=0 if last is None else now_ms() - last)
    asyncio.run(_replay(context, file, form, clock, limit, as_json))


async def _replay(context: Context, path: Path, form: str, clock: "Clock", limit: int | None, as_json: bool) -> None:
    from liveprofile.streams.admin.topics import refuse_second
    from liveprofile.streams.datasets.files import DataFile
    from liveprofile.streams.datasets.reading import read_file
    from liveprofile.streams.datasets.record import TOPICS, Skipped
    from liveprofile.streams.producers.replay import replay
    from liveprofile.streams.producers.sender import Sender

    await refuse_second(context.bootstrap(), context.settings.topics)
    asked_to_stop, prefix = stop_on_signals(), context.settings.topic_prefix
    async with Sender(context.bootstrap(), TOPICS, prefix=prefix, asked_to_stop=asked_to_stop) as sender:
        with DataFile(path) as file, file_bar(context) as bar:
            skipped = Skipped(lambda: file.line)
            if not FORMATS[form].in_time_order:
                context.inform(f"reading and sorting {path.name}")
            shown = bar.add_task(path.name, total=file.size, records=0)

            def stop(sent: int) -> bool:
                bar.update(shown, completed=file.position, records=sent)
                return asked_to_stop()

            sent = await replay(read_file(file, path, FORMATS[form], skipped, limit), sender, clock, stop)
    if not sent and not asked_to_stop():
        raise wrong_file(path, form, skipped)
    if as_json:
        echo_json({"sent": sent, "topics": sender.added, "skipped": dict(skipped)})
        return
    context.out.print(summary(sent, sender.added, skipped), soft_wrap=True)


def wrong_file(path: Path, form: str, skipped: "Skipped") -> DataError:
    """What is said of a file without a single record of its format: the first bad line, and what was expected."""
    expected = f"Expected is {FORMATS[form].words}; `liveprofile replay --help` lists the formats."
    if skipped.first is None:
        return DataError(f"{path.name} has no records.", expected)
    number, text, reason = skipped.first
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return DataError(f"{path.name} has no record of {form}. Line {number} is {reason}: {shown}", expected)


def summary(sent: int, added: dict[str, int], skipped: "Skipped") -> str:
    """Records by topic, and skipped rows by reason, the most frequent first."""
    topics = ", ".join(f"{count:,} {topic}" for topic, count in added.items() if count) or "none"
    reasons = "".join(f"\n  {count:>9,}  {reason}" for reason, count in skipped.most_common())
    return f"sent {sent:,} records: {topics}\nskipped {skipped.total():,} rows{reasons}"
