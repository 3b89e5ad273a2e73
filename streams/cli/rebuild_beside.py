"""`liveprofile rebuild --beside`: a worker that rebuilds, with a bar that shows how far all of them are."""

import asyncio
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from liveprofile.streams.cli.context import Context
from liveprofile.streams.cli.rebuild import print_served, switch_and_wait, switch_question
from liveprofile.streams.errors import NoKafkaError

if TYPE_CHECKING:
    from rich.progress import Progress

    from liveprofile.streams.admin.rebuild import Status
    from liveprofile.streams.runtime.app import RuntimeConfig
    from liveprofile.streams.runtime.stage import Stage

LOOK_S = 1.0
AWAY_LOOK_S = 5.0
TOLD_EVERY_S = 10.0
"""Time between two lines where there is no terminal for a bar."""
CLOSE = 100
"""Records behind at which a rebuild counts as caught up: ticks and traffic never stand still."""


def run(context: Context, *, switch: bool, from_earliest: bool) -> int:
    """Rebuild until the switch, a signal or an error; gives the exit code. Without `switch`, a terminal is asked."""
    from liveprofile.streams.admin.rebuild import prepare, status
    from liveprofile.streams.runtime.program import PROGRAM
    from liveprofile.streams.runtime.worker import run_worker
    from liveprofile.streams.settings.data_folder import make_private
    from liveprofile.streams.stages.wiring import Wiring

    settings, bootstrap = context.settings, context.bootstrap()
    digest = settings.profile.policy.digest
    generation = asyncio.run(
        prepare(
            bootstrap,
            settings.topics,
            digest,
            PROGRAM,
            replication=settings.replication,
            from_earliest=from_earliest,
        )
    )
    context.inform(f"folding generation {generation} of the state into {settings.topics.state_of(generation)}")
    make_private(settings.data_path)
    wiring = Wiring(settings, bootstrap)
    beside = _Beside(context, generation, switch=switch)
    code = run_worker(lambda: [wiring.rebuild(generation)], _config(context, generation), until=beside.follow)
    if code and asyncio.run(status(bootstrap, settings.topics, serving=False)).newest >= generation:
        context.inform(
            "the switch is written: the workers do the rest by themselves, `liveprofile rebuild --status` shows"
        )
        return 0
    return code


def _config(context: Context, generation: int) -> "RuntimeConfig":
    """As of a worker, in a consumer group of the rebuild's own."""
    from liveprofile.streams.cli.worker import runtime_config

    topics = context.settings.topics
    serving = runtime_config(context.settings, context.bootstrap())
    return replace(serving, app_id=topics.rebuild_group(generation), instance_id=None)


class _Beside:
    """What the command does beside folding: it shows how far the rebuild is, and switches over."""

    def __init__(self, context: Context, generation: int, *, switch: bool) -> None:
        self._context = context
        self._generation = generation
        self._switch = switch
        self._ask = not switch and context.err.is_terminal and sys.stdin.isatty()
        self._switching = False
        self._told_s = 0.0

    async def follow(self, stages: Sequence["Stage"]) -> None:
        """Show how far it is until the switch; return when this process has nothing left to do."""
        from liveprofile.streams.stages.profile.rebuild import RebuildStage

        [stage] = stages
        assert isinstance(stage, RebuildStage)
        finished = asyncio.create_task(stage.finished.wait())
        leading = asyncio.create_task(self._lead())
        await asyncio.wait((finished, leading), return_when=asyncio.FIRST_COMPLETED)
        if self._switching or leading.done():
            await leading
        leading.cancel()
        await finished
        self._context.inform(f"generation {self._generation} is handed over to the workers")

    async def _lead(self) -> None:
        """Follow the rebuild to lag 0, then switch over if that is wanted."""
        from liveprofile.streams.admin.rebuild import BehindError

        while await self._until_caught_up():
            self._context.inform("caught up: the rebuild follows the log")
            if self._ask:
                self._switch = await _answer(f"{switch_question(self._generation)} [y/N]: ")
            if not self._switch:
                self._context.inform("`liveprofile rebuild --switch` switches over; until then this goes on following")
                return
            self._ask, self._switching = False, True
            try:
                print_served(self._context, await switch_and_wait(self._context))
                return
            except BehindError:
                self._switching = False

    async def _until_caught_up(self) -> bool:
        """Whether it has; not so if others have switched over before."""
        from aiokafka.errors import KafkaError

        from liveprofile.streams.admin.rebuild import status
        from liveprofile.streams.runtime.partition_state import StateReadError

        bootstrap, topics = self._context.bootstrap(), self._context.settings.topics
        began, start = time.monotonic(), None
        with _bar(self._context) as bar:
            task = bar.add_task(f"generation {self._generation}", total=None, lag=0)
            while True:
                try:
                    found = await status(bootstrap, topics, serving=False)
                except (NoKafkaError, KafkaError, StateReadError):  # what folds says that Kafka is away
                    await asyncio.sleep(AWAY_LOOK_S)
                    continue
                done = sum(part.folded - part.first for part in found.parts)
                total = sum(part.end - part.first for part in found.parts)
                start = done if start is None else start
                bar.update(task, completed=done, total=max(total, 1), lag=found.lag)
                self._tell(found, done, total, (done - start) / max(time.monotonic() - began, 0.1))
                if found.building != self._generation or found.lag <= CLOSE:
                    return found.building == self._generation
                await asyncio.sleep(LOOK_S)

    def _tell(self, found: "Status", done: int, total: int, per_s: float) -> None:
        """A line now and then, where there is no terminal."""
        if self._context.err.is_terminal or time.monotonic() - self._told_s < TOLD_EVERY_S:
            return
        self._told_s = time.monotonic()
        left = f", about {found.lag / per_s:.0f} s left" if per_s else ""
        self._context.inform(f"{done:,} of {total:,} records folded, {found.lag:,} to go{left}")


def _bar(context: Context) -> "Progress":
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.completed:,.0f} records, lag {task.fields[lag]:,}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=context.err, disable=not context.err.is_terminal)


async def _answer(question: str) -> bool:
    """What the person types. A thread that ends with the process reads it, so that Ctrl-C need not wait for it."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[str] = loop.create_future()

    def answer(line: str) -> None:
        if not answered.done():
            answered.set_result(line)

    def read() -> None:
        line = sys.stdin.readline()
        loop.call_soon_threadsafe(answer, line)

    sys.stderr.write(question)
    sys.stderr.flush()
    threading.Thread(target=read, daemon=True).start()
    return (await answered).strip().lower() in ("y", "yes")
