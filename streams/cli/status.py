"""`liveprofile status`: how far behind the stream is, partition by partition, and why."""

import asyncio
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context

if TYPE_CHECKING:
    from liveprofile.streams.query.status import Status


@click.command(
    epilog=examples(
        "liveprofile status",
        "liveprofile status --watch",
        "liveprofile status --json | jq .lag_seconds",
        "liveprofile status --json | jq '.partitions[] | select(.lag_seconds > 5)'",
    )
)
@click.option(
    "--watch", "watches", is_flag=True, help="Look again and again, until Ctrl-C; in a pipe one JSON line each."
)
@click.option(
    "--every",
    type=click.FloatRange(0.2),
    default=1.0,
    show_default=True,
    metavar="S",
    help="Seconds between two looks.",
)
@click.option("--json/--pretty", "as_json", default=None, help="JSON or a table; default: by kind of output.")
@bootstrap_option
@pass_context
def command(context: Context, watches: bool, every: float, as_json: bool | None) -> None:
    """Show workers, stages, partitions, their lag in records and seconds, checkpoints and models.

    The end-to-end lag is the time since the oldest input record arrived whose changes are not readable yet; it is 0
    when nothing waits. The last line says whether all partitions keep up, or which one lags alone and whose events it
    gets. It works without any worker, joins no group and changes nothing.
    """
    if as_json is None:
        as_json = not context.out.is_terminal
    asyncio.run(_status(context, as_json, every if watches else None))


async def _status(context: Context, as_json: bool, every_s: float | None) -> None:
    from liveprofile.streams.query.status import open_status

    async with open_status(context.bootstrap(), context.settings.topics) as status:
        if every_s is None:
            _print(context, await status.now(), as_json)
        elif as_json:
            while True:
                _print_line(await status.now())
                await asyncio.sleep(every_s)
        else:
            from rich.live import Live

            from liveprofile.streams.render.status import status_view

            with Live(console=context.out, auto_refresh=False) as live:
                while True:
                    live.update(status_view(await status.now(), summary_first=True), refresh=True)
                    await asyncio.sleep(every_s)


def _print(context: Context, status: "Status", as_json: bool) -> None:
    from liveprofile.streams.render.status import status_view

    if as_json:
        echo_json(status)
    else:
        context.draw(status_view(status))


def _print_line(status: "Status") -> None:
    import msgspec

    click.echo(msgspec.json.encode(status))
