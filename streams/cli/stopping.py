"""Ctrl-C and SIGTERM as a request to stop, so that a command can finish its work."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def stop_on_signals() -> Callable[[], bool]:
    """Return a function that returns whether a stop was requested; a second Ctrl-C interrupts at once.

    Must be called in a running event loop of the main thread.
    """
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def stop() -> None:
        asked.set()
        loop.remove_signal_handler(signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return asked.is_set


@contextmanager
def interrupted_at_once() -> Iterator[None]:
    """Ctrl-C interrupts at once: asyncio's handler waits for an await, which long work may not have."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stop_noted() -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether a stop was requested, without an event loop; a second Ctrl-C interrupts.

    The handler only stores the request: printing from it could break a line that is being printed.
    """
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
