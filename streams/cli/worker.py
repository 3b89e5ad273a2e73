"""`liveprofile worker`: runs stages until it is told to stop, and settles before it goes."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.cli.context import Context, UserError, bootstrap_option, examples, pass_context

if TYPE_CHECKING:
    from streams.app import RuntimeConfig
    from streams.settings import Settings

STAGES = ("ingest", "profile", "learn")
FAILED = 1
INTERRUPTED = 130


def _stage_names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Names between commas, each known and there once."""
    if value is None:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    unknown = [name for name in names if name not in STAGES]
    if unknown or not names:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is no stage: choose from {', '.join(STAGES)}.")
    return names


@click.command(
    epilog=examples(
        "liveprofile worker",
        "liveprofile worker --stages ingest         # embedding scales apart from folding",
        "liveprofile worker --stages profile,learn",
    )
)
@click.option("--stages", callback=_stage_names, metavar="NAMES", help="Of ingest, profile, learn; all by default.")
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Create this file once partitions are assigned and loaded.",
)
@bootstrap_option
@pass_context
def command(context: Context, stages: tuple[str, ...] | None, ready_file: Path | None) -> None:
    """Run stages of the stream in this process. Start as many workers as you like: they share the partitions.

    \b
    ingest   validates, scrubs, pseudonymises and embeds events; writes activity
    profile  folds activity into profiles; says what changed and what is anomalous
    learn    learns clusters from all profiles and broadcasts models

    On Ctrl-C or SIGTERM it finishes what it holds, writes a checkpoint, commits and leaves the group. Any error in
    between stops the process, which acks nothing; start it again and it goes on where it was.
    """
    context.start_logs()
    signalled = asyncio.run(_work(context, stages or context.settings.worker.stages, ready_file))
    click.get_current_context().exit(signalled)


async def _work(context: Context, names: tuple[str, ...], ready_file: Path | None) -> int:
    """Run until a signal; gives the exit code that it stands for."""
    import structlog

    from streams.runtime import Runtime, SetupError
    from streams.wiring import Wiring

    log = structlog.get_logger("liveprofile.worker")
    settings, bootstrap = context.settings, context.bootstrap()
    stopped = _stop_on_signals()
    log.info("starting", stages=list(names), bootstrap=bootstrap, app_id=settings.app_id)
    try:
        async with Runtime(Wiring(settings, bootstrap).stages(names), runtime_config(settings, bootstrap)) as runtime:
            await _first(stopped, runtime.ready(), runtime.failed)
            if not stopped.done():
                log.info("ready")
                if ready_file is not None:
                    ready_file.write_text("ready\n")
            await _first(stopped, runtime.failed)
            log.info("stopping: finishing what is in hand")
    except SetupError as error:
        raise UserError(str(error), "Create the topics: liveprofile topics create.") from None
    log.info("stopped")
    return stopped.result()


def runtime_config(settings: "Settings", bootstrap: str) -> "RuntimeConfig":
    """The runtime's part of the settings. Inputs may have any number of partitions; ours must be as set."""
    from streams.app import RuntimeConfig
    from streams.topics import Topics

    topics = Topics(settings.app_id, settings.partitions)
    return RuntimeConfig(
        settings.app_id,
        bootstrap,
        partitions={topic.name: topic.partitions for topic in topics.all() if topic.name not in topics.inputs},
        max_run_records=settings.worker.max_poll_records,
        commit_every_s=settings.worker.commit_interval_s,
        session_timeout_s=settings.worker.session_timeout_s,
        request_timeout_s=max(40.0, settings.worker.session_timeout_s),
        heartbeat_s=settings.worker.heartbeat_s,
    )


def _stop_on_signals() -> "asyncio.Future[int]":
    """Done with an exit code when Ctrl-C (130) or SIGTERM (0) comes; a second one ends the process at once."""
    import signal

    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()

    def stop(number: int, code: int) -> None:
        if not stopped.done():
            stopped.set_result(code)
        loop.remove_signal_handler(number)

    for number, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 0)):
        loop.add_signal_handler(number, stop, number, code)
    return stopped


async def _first(*waits: Any) -> None:
    """Wait until one of them is done; raise what it raised, and leave the futures among them alone."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        if task not in waits:
            task.cancel()
    for task in done:
        task.result()
