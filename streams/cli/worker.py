"""`liveprofile worker`: runs stages until a signal, and settles before it ends."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, examples, pass_context

if TYPE_CHECKING:
    from liveprofile.streams.runtime.app import RuntimeConfig
    from liveprofile.streams.settings import Settings
    from liveprofile.streams.transport.connection import Bootstrap

STAGES = ("ingest", "profile", "learn", "items")


def stage_names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Names separated by commas, each known and listed once."""
    if value is None:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    unknown = [name for name in names if name not in STAGES]
    if unknown or not names:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is not a stage: choose from {', '.join(STAGES)}.")
    return names


@click.command(
    epilog=examples(
        "liveprofile worker",
        "liveprofile worker --stages ingest         # embedding scales separately from folding",
        "liveprofile worker --stages profile,learn",
        "liveprofile worker --processes auto        # one process a core; SIGUSR1 restarts them in turn",
    )
)
@click.option(
    "--stages", callback=stage_names, metavar="NAMES", help="Any of ingest, profile, learn, items; all by default."
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file that exists while partitions are assigned and loaded.",
)
@click.option(
    "--probe-port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port for GET /livez, /readyz, /startupz and /metrics on worker.probe_host (loopback); 0, the default: none.",
)
@click.option(
    "--processes",
    metavar="N|auto",
    help="Run so many worker processes under one supervisor; auto: one a core, no more than partitions.",
)
@click.option("--supervised", is_flag=True, hidden=True)
@bootstrap_option
@pass_context
def command(
    context: Context,
    stages: tuple[str, ...] | None,
    ready_file: Path | None,
    probe_port: int | None,
    processes: str | None,
    supervised: bool,
) -> None:
    """Run stages of the stream in this process. Start any number of workers: they share the partitions.

    \b
    ingest   validates, scrubs, pseudonymises and embeds events; writes activity
    profile  folds activity into profiles; publishes changes and anomalies
    learn    learns clusters from all profiles and broadcasts models
    items    keeps the data of items and their co-occurrences

    On Ctrl-C or SIGTERM it finishes its batches, writes a checkpoint, commits, leaves the group and exits 0. While no
    Kafka answers it waits; told to end meanwhile, it exits with 4 within seconds, and what was under way does not
    count. An error stops the process with exit code 1 and acks nothing; after a restart it continues from the last
    checkpoint. A worker that meets records of a newer version leaves its partitions to workers of that version and
    exits with 3: upgrade it.

    With --processes all cores of a machine work under one command. Each process has an instance id, and probes on the
    ports after --probe-port, which has those of all. One that dies is started again; one that ends with 2 or 3 stops
    all. SIGUSR1 restarts them one after the other, each when its successor is prepared.
    """
    worker = context.settings.worker
    names, port = stages or worker.stages, worker.probe_port if probe_port is None else probe_port
    if processes is not None:
        from liveprofile.streams.cli.processes import supervise

        context.start_logs()
        click.get_current_context().exit(supervise(context, processes, names, ready_file, port))
    context.start_logs(instance=worker.instance_id)
    click.get_current_context().exit(_work(context, names, ready_file, port, supervised=supervised))


def _work(context: Context, names: tuple[str, ...], ready_file: Path | None, port: int, *, supervised: bool) -> int:
    """Run until a signal or an error; returns the exit code."""
    from liveprofile.streams.runtime.processes.lifeline import Lifeline

    lifeline = Lifeline() if supervised else None
    if lifeline is not None:
        lifeline.hold()
    from liveprofile.streams.runtime.worker import Signs, run_worker
    from liveprofile.streams.settings.data_folder import make_private
    from liveprofile.streams.settings.digest import settings_digest
    from liveprofile.streams.stages.wiring import Wiring

    settings, bootstrap = context.settings, context.bootstrap()
    make_private(settings.data_path)
    wiring = Wiring(settings, bootstrap)
    config = runtime_config(settings, bootstrap)
    if "ingest" in names:
        config = replace(config, key_check=wiring.key().check_value)
    return run_worker(
        lambda: wiring.stages(names),
        config,
        Signs(
            ready_file,
            settings.worker.probe_host,
            port,
            settings.worker.stall_s,
            (settings_digest(settings), settings.profile.policy.digest),
            _about(settings, names),
            lifeline,
        ),
    )


def _about(settings: "Settings", names: tuple[str, ...]) -> dict[str, object]:
    """What the worker's first line says of it: never the key, only where it comes from."""
    from liveprofile.streams.settings.pseudonym_key import key_source

    about: dict[str, object] = {"partitions": settings.partitions, "topic_prefix": settings.topics.prefix}
    if "ingest" in names:
        about |= {"model": _model_id(settings), "key": key_source(settings)}
    return about


def _model_id(settings: "Settings") -> str:
    """The id of the exported model; empty if there is none, of which the stage will tell."""
    from liveprofile.models.errors import ModelError
    from liveprofile.models.manifest import Manifest

    try:
        return Manifest.load(settings.model_path).model_id
    except ModelError:
        return ""


def runtime_config(settings: "Settings", bootstrap: "Bootstrap") -> "RuntimeConfig":
    """The settings of the runtime. Inputs may have any number of partitions; our topics have the configured one."""
    from liveprofile.streams.contract.layouts import newest_layouts
    from liveprofile.streams.runtime.app import RuntimeConfig

    topics = settings.topics
    return RuntimeConfig(
        topics.group,
        bootstrap,
        partitions={topic.name: topic.partitions for topic in topics.all() if topic.name not in topics.inputs},
        lineage_topic=topics.lineage,
        shapes=topics.all(),
        earlier_lineage=topics.earlier_lineage,
        remembered=topics.remembered,
        layouts=newest_layouts(topics),
        max_batch_records=settings.worker.max_poll_records,
        latency_target_s=settings.worker.latency_target_ms / 1000,
        commit_every_s=settings.worker.commit_interval_s,
        session_timeout_s=settings.worker.session_timeout_s,
        request_timeout_s=max(40.0, settings.worker.session_timeout_s),
        heartbeat_s=settings.worker.heartbeat_s,
        max_record_bytes=settings.worker.max_record_bytes,
        instance_id=settings.worker.instance_id or None,
    )
