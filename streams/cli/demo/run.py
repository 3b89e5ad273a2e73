"""Runs the demo: starts broker, topics, worker and traffic, shows a view or lines, and stops everything."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console
from rich.live import Live

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.broker.locate import broker_folder, is_embedded
from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.cli.broker import jar_progress
from liveprofile.streams.cli.context import Context
from liveprofile.streams.cli.demo.board import Board
from liveprofile.streams.cli.demo.children import Child, Children
from liveprofile.streams.cli.demo.lines import progress_line, summary_table
from liveprofile.streams.cli.demo.observer import Observer
from liveprofile.streams.cli.demo.page import page_of
from liveprofile.streams.cli.demo.place import require_place
from liveprofile.streams.cli.demo.processes import ChildDiedError, Starter
from liveprofile.streams.cli.demo.users import Users, users_of
from liveprofile.streams.cli.demo.view import screen
from liveprofile.streams.cli.warm import warm_with_progress
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import ExitCode, SetupError
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.settings.data_folder import make_private
from liveprofile.streams.settings.pseudonym_key import pseudonym_key
from liveprofile.streams.simulator.catalogue import build_catalogue
from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.connection import Connection, client_arguments
from liveprofile.streams.transport.private_hooks.of_aiokafka import admin_client_of
from liveprofile.streams.transport.reachability import BROKERS, Turn

_Result = TypeVar("_Result")

SETTLE_S = 5.0
"""Longest wait for events in progress after the end of the traffic."""
_FRAMES_PER_S = 4
_LINE_EVERY_S = 5.0


@dataclass(frozen=True)
class Plan:
    """The options of the demo."""

    seconds: float | None
    """None runs until Ctrl-C."""
    rate: float
    users: int
    seed: int
    join: bool = False
    """Whether simulated shoppers may join profiles that no demo has made."""
    secure: bool = False
    """Whether the embedded broker is secured."""
    page: bool = True
    """Whether there is a page."""


def run_demo(context: Context, plan: Plan) -> None:
    """The whole demo, in the foreground. ChildDiedError if worker or traffic ends; UserError if it cannot start."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    settings = context.settings
    signal.signal(signal.SIGTERM, _terminate)
    make_private(settings.data_path)
    pseudonym_key(settings, context.inform, may_create=is_embedded(settings.bootstrap, settings.data_path))
    if not settings.model_path.is_dir():
        raise SetupError(f"There is no exported model in {settings.model_path}.", "Run: liveprofile export-model")
    with contextlib.ExitStack() as stack:
        own = None if settings.bootstrap else stack.enter_context(_broker(context, secure=plan.secure))
        topics = settings.topics
        users = users_of(own, topics) or Users.all_the_same(context.bootstrap())
        created = _run(create_topics(users.admin, topics, replication=settings.replication))
        _run(require_place(settings.data_path, users.board, topics, own_broker=own is not None, join=plan.join))
        context.inform(f"topics: {len(topics.all())} on {users.board}, {len(created)} of them new")
        shelves = build_catalogue(plan.seed, language=settings.language).shelves.values()
        titles = [product.title for shelf in shelves for product in shelf.products]
        new = warm_with_progress(context, titles)
        context.inform(f"the shop's {len(titles):,} titles are embedded, {new:,} of them are new")
        children = stack.enter_context(Children(settings.data_path / "logs"))
        starter = Starter(context, children)
        page = stack.enter_context(page_of(starter, users.service, secure=plan.secure)) if plan.page else None
        worker = starter.worker(users.worker)
        board = Board(users.board, page=page() if page else "", language=settings.language)
        _run(_watch(context, plan, starter, worker, board, users.producer, topics, own))
        context.inform("stopping what was started")


@contextlib.contextmanager
def _broker(context: Context, *, secure: bool) -> Iterator[Broker]:
    """The embedded broker: a running one of this folder, which continues, or a new one, which stops at the end."""
    broker = Broker(broker_folder(context.settings.data_path), secure=Mechanism.SCRAM if secure else None)
    if broker.running() is not None:
        context.inform(f"using the Kafka that already runs on {broker.bootstrap}")
        yield broker.start()
        return
    context.inform(f"starting the embedded Apache Kafka{', secured by TLS, passwords and rights' if secure else ''}")
    began = time.monotonic()
    with jar_progress(context) as progress:
        broker.start(progress)
    try:
        context.inform(f"Kafka answers on {broker.bootstrap} after {time.monotonic() - began:.1f} s")
        yield broker
    finally:
        broker.stop()


async def _watch(
    context: Context,
    plan: Plan,
    starter: Starter,
    worker: Child,
    board: Board,
    producer: Connection,
    topics: Topics,
    own: Broker | None,
) -> None:
    """Start the traffic, and show progress until the time is over or a child ends, or the broker `own` does."""
    async with _observed(board, topics, worker.processor_s) as observing:
        board.started_s = board.now_s = time.monotonic()
        live = context.out.is_terminal and plan.seconds is None
        show = _show_live if live else _show_lines
        BROKERS.tell = partial(_note_turn, board, None if live else context.inform)
        try:
            traffic = starter.traffic(producer, rate=plan.rate, users=plan.users, seed=plan.seed)
            await show(context.out, board, plan, lambda: _check(starter.children, observing, own))
            context.inform("the time is over: stopping the traffic")
            await asyncio.to_thread(traffic.stop)
            await _settle(board)
        except (ChildDiedError, BrokerError):
            raise
        except BaseException:  # Ctrl-C and SIGTERM end a demo with its summary
            context.out.print(summary_table(board))
            raise
        context.out.print(summary_table(board))


@contextlib.asynccontextmanager
async def _observed(
    board: Board, topics: Topics, worker_s: Callable[[], float | None]
) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """A context in which the observer fills the board from Kafka."""
    observer = Observer(board, topics, worker_s)
    admin = AIOKafkaAdminClient(**client_arguments(board.bootstrap))
    gate = ConnectionGate(admin_client_of(admin))
    async with open_reader(board.bootstrap) as facts, open_reader(board.bootstrap) as counts:
        await admin.start()
        tasks = [
            asyncio.create_task(observer.follow_facts(facts)),
            asyncio.create_task(observer.count(counts, admin)),
        ]
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            gate.give_up()
            await admin.close()


def _note_turn(board: Board, inform: Callable[[str], None] | None, turn: Turn) -> None:
    """Show that Kafka went away or is back: on the board, or as a line."""
    board.notice = str(turn) if turn.away_s is None else ""
    if inform is not None:
        inform(str(turn))


def _check(children: Children, observing: list["asyncio.Task[None]"], own: Broker | None) -> None:
    """Raise the error of an ended child, of the broker or of the observer."""
    if own is not None and own.running() is None:
        raise BrokerError("The embedded Kafka has ended.", f"Its log says why: {own.server_log}.")
    if (child := children.dead()) is not None:
        raise ChildDiedError(child)
    for task in observing:
        if task.done():
            task.result()


async def _settle(board: Board) -> None:
    """Wait until the worker has committed all input."""
    deadline = time.monotonic() + SETTLE_S
    await asyncio.sleep(1.5)  # two updates of the counters: the last events, then their lag
    while board.meter.input_lag + board.meter.activity_lag and not board.notice and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.2)  # the counters are updated once a second and send no event


async def _show_live(console: Console, board: Board, plan: Plan, check: Callable[[], None]) -> None:
    """Draw the board until Ctrl-C."""
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while not _is_over(board, plan):
            check()
            live.update(screen(board, console.width, console.height), refresh=True)
            await asyncio.sleep(1 / _FRAMES_PER_S)
            board.now_s = time.monotonic()


async def _show_lines(console: Console, board: Board, plan: Plan, check: Callable[[], None]) -> None:
    """Print a line every few seconds until the time is over."""
    next_line_s = board.started_s + _LINE_EVERY_S
    while not _is_over(board, plan):
        check()
        await asyncio.sleep(0.2)
        board.now_s = time.monotonic()
        if board.now_s >= next_line_s:
            next_line_s += _LINE_EVERY_S
            console.print(progress_line(board), soft_wrap=True)


def _is_over(board: Board, plan: Plan) -> bool:
    return plan.seconds is not None and board.now_s - board.started_s >= plan.seconds


def _run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """As asyncio.run, but SIGTERM cancels like Ctrl-C: an exit in a callback would leave clients open."""

    async def cancellable() -> _Result:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(cancellable())
    except asyncio.CancelledError:
        raise SystemExit(ExitCode.TERMINATED) from None
    finally:
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, _: object) -> None:
    """Convert SIGTERM to an exception, so that every context is closed."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(ExitCode.TERMINATED)
