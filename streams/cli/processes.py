"""`liveprofile worker --processes`: the command line and the environment of each process, and their supervisor."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from liveprofile.streams.cli.context import Context, UserError

if TYPE_CHECKING:
    from liveprofile.streams.runtime.processes.child import Place
    from liveprofile.streams.settings import Settings

HIGHEST_PORT = 65_535
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Processes divide the cores: none has a pool of helper threads for products of small matrices."""


def supervise(context: Context, asked: str, stages: tuple[str, ...], ready_file: Path | None, port: int) -> int:
    """Run so many workers until a signal, or until one ends for a person to look at; the exit code."""
    from liveprofile.streams.runtime.processes.cores import cores_available, process_count
    from liveprofile.streams.runtime.processes.only_one import name_of, the_only_one
    from liveprofile.streams.settings.data_folder import make_private

    settings = context.settings
    cores = cores_available()
    count = process_count(asked, settings.partitions, cores)
    if port and port + count > HIGHEST_PORT:
        raise UserError(
            f"--probe-port {port} leaves no ports for {count} processes: they take those that follow.",
            f"Give a port up to {HIGHEST_PORT - count}.",
        )
    context.bootstrap()  # an address that cannot be used is told once, and not by every process
    make_private(settings.data_path)
    name = name_of(settings.worker.instance_id)
    places = [_place(context, f"{name}-{number}", number, stages, port, cores, count) for number in range(1, count + 1)]
    with the_only_one(settings.data_path, settings.topics.group, name):
        return asyncio.run(_run(places, ready_file, settings, port, cores))


async def _run(places: list["Place"], ready_file: Path | None, settings: "Settings", port: int, cores: int) -> int:
    import structlog

    from liveprofile.streams.runtime.processes.pages import pages
    from liveprofile.streams.runtime.processes.supervisor import Supervisor

    log = structlog.get_logger(__name__)
    log.info("supervisor starting", processes=len(places), cores=cores, pid=os.getpid(), probe_port=port)
    if len(places) > settings.partitions:
        log.warning("more processes than partitions: some have nothing to do", partitions=settings.partitions)
    supervisor = Supervisor(places, ready_file)
    async with pages(supervisor, settings.worker.probe_host, port):
        return await supervisor.run()


def _place(
    context: Context, name: str, number: int, stages: tuple[str, ...], port: int, cores: int, count: int
) -> "Place":
    """One process: the same command with a name and a port of its own."""
    from liveprofile.streams.runtime.processes.child import Place

    settings = context.settings
    given = ["--config", str(context.config)] if context.config else []
    for setting, value in context.overrides.items():
        given += [f"--{setting.replace('_', '-').replace('.', '-')}", value]
    own_port = port + number if port else 0
    command = ["worker", "--supervised", "--stages", ",".join(stages), "--probe-port", str(own_port)]
    threads = min(settings.ingest.embed_threads, max(1, cores // count))
    environment = {
        "LIVEPROFILE_WORKER__INSTANCE_ID": name,
        "LIVEPROFILE_INGEST__EMBED_THREADS": str(threads),
        **{variable: "1" for variable in ONE_THREAD if variable not in os.environ},
    }
    host = settings.worker.probe_host
    asked_at = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    page = f"http://{asked_at}:{own_port}" if own_port else ""
    return Place(name, [sys.executable, "-m", "liveprofile", *given, *command], environment, page)
