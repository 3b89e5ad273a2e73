"""Ctrl-C and SIGTERM as a wish to stop, so that a command can finish what it has begun."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def stop_on_signals() -> Callable[[], bool]:
    """Return a function that tells whether stopping was asked for; a second Ctrl-C interrupts at once.

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
    """Ctrl-C interrupts where the program is: asyncio's own way waits for an await, which long work may not have."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stop_noted() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether stopping was asked for, without an event loop; a second Ctrl-C interrupts.

    The handler only notes the wish: printing from it could tear a line that is being printed.
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
