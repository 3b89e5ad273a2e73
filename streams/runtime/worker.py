"""A worker process: it runs stages until a signal or an error; the exit code shows which."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import traceback
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from liveprofile.models.errors import ModelError
from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.streams.errors import NoKafkaError, SetupError, UserError
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.probes import STALL_S, Digests, probes
from liveprofile.streams.runtime.processes.lifeline import Lifeline, Word
from liveprofile.streams.runtime.readiness import tell_readiness
from liveprofile.streams.runtime.refusals import tell_refusals
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.runtime.stage import Stage
from liveprofile.streams.transport.denial import denial_in

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Signs:
    """How a worker shows that it is alive and ready."""

    ready_file: Path | None = None
    """A file that exists while the worker is ready."""
    probe_host: str = "127.0.0.1"
    probe_port: int = 0
    """0 for no probes over HTTP."""
    stall_s: float = STALL_S
    """How long a partition with work may stand still before the worker is not alive."""
    digests: Digests = ("", "")
    """Digests of the settings and of the policy, for metrics."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the first line of the log says besides: partitions, model, where the key comes from; never the key."""
    lifeline: Lifeline | None = None
    """What a supervised worker follows; None for one that nobody supervises."""


async def _for_ever(stages: Sequence[Stage]) -> None:
    """What most workers have to do beside their stages: nothing."""
    await asyncio.Event().wait()


Until = Callable[[Sequence[Stage]], Coroutine[Any, Any, None]]
"""What a worker does beside its stages; when it is done, the worker stops in order."""


def run_worker(
    make_stages: Callable[[], Sequence[Stage]],
    config: RuntimeConfig,
    signs: Signs | None = None,
    until: Until = _for_ever,
) -> int:
    """Run until SIGTERM or SIGINT (0: settled, checkpointed, committed) or an error (1: nothing more was acked).

    `make_stages` is called inside the event loop. When `until` is done, the worker stops in order. A second signal ends
    the process at once. Errors that a person can fix (no Kafka, no topics, no model, a setting) are raised.
    """
    _quiet_libraries()
    try:
        asyncio.run(work(make_stages, config, signs or Signs(), until))
    except SetupError as error:
        log.error("worker refuses these topics", app_id=config.app_id, problem=str(error))
        raise
    except UnknownLayoutError as error:
        log.error("worker leaves its partitions to a newer one", app_id=config.app_id, problem=str(error))
        raise
    except NoKafkaError as error:
        log.error("worker ends without Kafka", app_id=config.app_id, problem=error.message)
        raise
    except (UserError, ModelError):
        raise
    except BaseException as error:
        if denial_in(error):
            log.error("worker may not do what its stages need", app_id=config.app_id, problem=repr(denial_in(error)))
            raise
        log.error("worker stopped by an error\n" + _plain_traceback(error), app_id=config.app_id)
        return 1
    return 0


def _plain_traceback(error: BaseException) -> str:
    """The traceback as text, without the values of local variables: those hold data of shoppers."""
    return "".join(traceback.format_exception(error)).rstrip()


async def work(
    make_stages: Callable[[], Sequence[Stage]], config: RuntimeConfig, signs: Signs, until: Until = _for_ever
) -> None:
    """Run until a signal asks to stop, or `until` is done; raises the first error."""
    signalled = _stop_on_signals()
    started = asyncio.Event()
    running = asyncio.create_task(_run(make_stages(), config, signs, until, signalled, started))
    await asyncio.wait((signalled, running), return_when=asyncio.FIRST_COMPLETED)
    if not started.is_set() and not running.done():
        running.cancel()  # nothing is under way yet, and Kafka may be away
        with suppress(asyncio.CancelledError):
            await running
    else:
        await running
    log.info("worker stopped")
    if signs.lifeline is not None:
        signs.lifeline.tell(Word.LEFT)


async def _run(
    stages: Sequence[Stage],
    config: RuntimeConfig,
    signs: Signs,
    until: Until,
    signalled: asyncio.Future[None],
    started: asyncio.Event,
) -> None:
    """Run stages until the end; `started` is set once it needs to be an orderly one."""
    where = {"metrics": f"http://{signs.probe_host}:{signs.probe_port}/metrics"} if signs.probe_port else {}
    about = {**signs.about, **where}
    async with AsyncExitStack() as opened:

        async def show_signs() -> None:
            """Answer probes and tell readiness; a supervised worker does when its predecessor has left the port."""
            if signs.lifeline is not None:
                await signs.lifeline.turn()
            answering = probes(
                runtime, signs.probe_host, signs.probe_port, stall_s=signs.stall_s, digests=signs.digests
            )
            await opened.enter_async_context(answering)
            readiness.append(asyncio.create_task(tell_readiness(runtime, signs.ready_file, signs.lifeline)))

        readiness: list[asyncio.Task[None]] = []
        runtime = Runtime(stages, config, before_join=show_signs if signs.lifeline else None)
        names = [stage.name for stage in runtime.stages]
        log.info("worker starting", app_id=config.app_id, bootstrap=str(config.bootstrap), stages=names, **about)
        if signs.lifeline is None:
            await show_signs()
        await opened.enter_async_context(runtime)
        started.set()
        beside = asyncio.create_task(until(runtime.stages))
        refusals = asyncio.create_task(tell_refusals(runtime.stages))
        await asyncio.wait((signalled, runtime.failed, beside), return_when=asyncio.FIRST_COMPLETED)
        for task in (*readiness, refusals, beside):
            task.cancel()
        if beside.done() and not beside.cancelled():
            beside.result()
        if not runtime.failed.done():
            log.info("worker stopping: finishing batches in progress, final checkpoint")


def _stop_on_signals() -> asyncio.Future[None]:
    """A future that is done at the first SIGTERM or SIGINT; the second one ends the process."""
    loop = asyncio.get_running_loop()
    signalled: asyncio.Future[None] = loop.create_future()

    def on_signal() -> None:
        if signalled.done():
            os._exit(1)
        signalled.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return signalled


def _quiet_libraries() -> None:
    """Silence the crash reports of Faust and mode, which take many lines; the worker logs the error once."""
    for name in ("faust", "mode"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
