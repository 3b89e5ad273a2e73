"""`liveprofile traffic`: sends events of a simulated shop to the input topics."""

import asyncio
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import (
    Context,
    UserError,
    bootstrap_option,
    echo_json,
    examples,
    language_option,
    pass_context,
)
from liveprofile.streams.cli.stopping import stop_on_signals

if TYPE_CHECKING:
    from liveprofile.streams.producers.traffic import Progress
    from liveprofile.streams.simulator.labels import LabelBook
    from liveprofile.streams.simulator.simulator import Simulator

REPORT_EVERY_S = 5.0
SEEDS = 1_000_000


@click.command(
    epilog=examples(
        "liveprofile traffic",
        "liveprofile traffic --rate 5000 --users 50000 --for 60 --labels truth.jsonl",
        "liveprofile traffic --language zh",
        "liveprofile traffic --start 2026-01-05T18:00:00Z --events 100000",
    )
)
@click.option("--rate", type=click.FloatRange(min=0), help="Events per second; 0: as fast as Kafka takes them.  [200]")
@click.option("--users", type=click.IntRange(min=1), default=2_000, show_default=True, help="How many shoppers.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of shop and events; random by default, and printed.")
@click.option("--events", type=click.IntRange(min=1), help="Number of events to send.")
@click.option("--for", "seconds", type=click.FloatRange(min=0.1), help="Stop after so many seconds.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.01),
    default=20.0,
    show_default=True,
    help="Seconds of shop time per second, so that whole sessions take less than a minute.",
)
@click.option(
    "--start",
    metavar="TIME",
    help="Use shop time from this RFC 3339 time on instead of the present; as fast as possible without --rate.",
)
@click.option("--labels", type=click.Path(path_type=Path), help="Write the labels of injected anomalies to this file.")
@click.option(
    "--anomaly-every",
    type=click.IntRange(min=0),
    default=1_500,
    show_default=True,
    help="Inject an anomaly once in so many events; 0: never.",
)
@click.option(
    "--broken",
    type=click.FloatRange(0, 1),
    default=0.001,
    show_default=True,
    help="Share of intentionally broken records, which are refused.",
)
@language_option
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@bootstrap_option
@pass_context
def command(
    context: Context,
    rate: float | None,
    users: int,
    seed: int | None,
    events: int | None,
    seconds: float | None,
    speed: float,
    start: str | None,
    labels: Path | None,
    anomaly_every: int,
    broken: float,
    language: str | None,
    as_json: bool,
) -> None:
    """Simulate a shop: people search, view, buy, change their interests, leave and return; with injected anomalies.

    The same seed gives the same shop and the same events, under the same ids. Ctrl-C ends it after all sent records
    are acknowledged.
    """
    from liveprofile.streams.simulator.catalogue import build_catalogue
    from liveprofile.streams.simulator.labels import LabelBook
    from liveprofile.streams.simulator.simulator import START_MS, Simulator

    start_ms = START_MS if start is None else _time_ms(start)
    wanted = (200.0 if start is None else 0.0) if rate is None else rate
    chosen = secrets.randbelow(SEEDS) if seed is None else seed
    shop = Simulator(
        chosen,
        users,
        user_events_per_s=(wanted or 10_000.0) / users / speed if start is None else None,
        start_ms=start_ms,
        anomaly_every=anomaly_every,
        broken_share=broken,
        catalogue=build_catalogue(chosen, language=language or context.settings.language),
    )
    with LabelBook(labels) as book:
        asyncio.run(_send(context, shop, chosen, book, wanted, start is None, events, seconds, as_json))


async def _send(
    context: Context,
    shop: "Simulator",
    seed: int,
    book: "LabelBook",
    rate: float,
    live: bool,
    events: int | None,
    seconds: float | None,
    as_json: bool,
) -> None:
    from itertools import islice

    from liveprofile.streams.admin.topics import refuse_second
    from liveprofile.streams.producers.sender import Sender
    from liveprofile.streams.producers.traffic import TOPICS, run

    bootstrap = context.bootstrap()
    report = _Report(context, events, seconds)
    await refuse_second(bootstrap, context.settings.topics)
    asked_to_stop, prefix = stop_on_signals(), context.settings.topic_prefix
    async with Sender(bootstrap, TOPICS, prefix=prefix, asked_to_stop=asked_to_stop) as sender:
        pace = f"{rate:,.0f} events/s" if rate else "as fast as possible"
        context.inform(
            f"{shop.users:,} shoppers, {len(shop.catalogue.products):,} products, "
            f"{pace}, seed {seed}, into {bootstrap}; Ctrl-C ends it"
        )
        with report:
            stream = islice(shop.events(), events)
            progress = await run(
                stream, sender, book, rate=rate, live=live, stop=lambda p: report(p) or asked_to_stop(), seconds=seconds
            )
    if as_json:
        echo_json({"sent": progress.sent, "seconds": progress.seconds, "seed": seed, "topics": sender.added})
        return
    context.out.print(summary(progress, sender.added), soft_wrap=True)


def summary(progress: "Progress", added: dict[str, int]) -> str:
    """A summary of the sent events."""
    topics = ", ".join(f"{count:,} {topic}" for topic, count in added.items() if count)
    injected = ", ".join(f"{count} {kind}" for kind, count in sorted(progress.injected.items())) or "none"
    sent = f"sent {progress.sent:,} events in {progress.seconds:.1f} s, {progress.rate:,.0f}/s"
    return f"{sent}: {topics}\ninjected anomalies: {injected}"


class _Report:
    """A progress bar on a terminal, a line every few seconds otherwise. Called once per tick; never requests a stop."""

    def __init__(self, context: Context, events: int | None, seconds: float | None) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._context = context
        self._by_events = events is not None
        self._next_line_s = REPORT_EVERY_S
        self._bar = Progress(
            TextColumn("traffic"),
            BarColumn(),
            TextColumn("{task.fields[words]}"),
            TimeElapsedColumn(),
            console=context.err,
            disable=not context.err.is_terminal,
        )
        self._task = self._bar.add_task("", total=events or seconds, words="")

    def __enter__(self) -> None:
        self._bar.start()

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, progress: "Progress") -> bool:
        words = f"{progress.sent:,} events, {progress.rate:,.0f}/s, {sum(progress.injected.values())} anomalies"
        self._bar.update(self._task, completed=progress.sent if self._by_events else progress.seconds, words=words)
        if self._bar.disable and progress.seconds >= self._next_line_s:
            self._next_line_s = progress.seconds + REPORT_EVERY_S
            self._context.inform(f"{progress.seconds:.0f} s: {words}")
        return False


def _time_ms(text: str) -> int:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"--start is {text!r}, which is not an RFC 3339 time.", "Write 2026-01-05T18:00:00Z.") from None
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1000)
