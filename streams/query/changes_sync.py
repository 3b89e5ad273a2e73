"""The same consumers for programs without an event loop: each runs one in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from liveprofile.profiles.facts.facts import AnomalyChanged
from liveprofile.streams.query.changes import AsyncAnomalies, AsyncChanges
from liveprofile.streams.query.deliveries import Changed, Healed
from liveprofile.streams.transport.connection import Bootstrap

_Delivery = TypeVar("_Delivery")
_Result = TypeVar("_Result")


class _Blocking(Generic[_Delivery]):
    """A context manager and an iterator over an asynchronous consumer; for one thread, but for `stop`."""

    _consumer: Any

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="liveprofile consumer", daemon=True)
        self._thread.start()
        try:
            self._wait(self._consumer.__aenter__())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._wait(self._consumer.__aexit__(kind, error, trace))
        finally:
            self._end()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> _Delivery:
        """The next delivery; the one before is handled."""
        try:
            delivery: _Delivery = self._wait(self._consumer.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None
        return delivery

    def stop(self) -> None:
        """End the iteration before the next delivery; from any thread, or from a signal handler."""
        self._consumer.stop()

    def _wait(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """The result of work in the loop; where the wait is interrupted, by Ctrl-C say, the work is cancelled."""
        future: Future[_Result] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Changes(_Blocking[Changed | Healed]):
    """The changes of all profiles, for programs without an event loop; everything else is as in `AsyncChanges`.

        with Changes("kafka-1:9092", group="mailer") as changes:
            for change in changes:
                match change:
                    case Changed(record=record): ...
                    case Healed(snapshot=snapshot): ...

    The consumer lives in a thread of its own, so it stays in its group while a change is worked on, up to `handle_s`.
    """

    def __init__(self, bootstrap: Bootstrap, group: str, **options: Any) -> None:
        """The arguments are those of `AsyncChanges`."""
        self._consumer = AsyncChanges(bootstrap, group, **options)


class Anomalies(_Blocking[AnomalyChanged]):
    """The steps of all anomalies, for programs without an event loop; everything else is as in `AsyncAnomalies`.

    with Anomalies("kafka-1:9092", group="risk") as anomalies:
        for anomaly in anomalies:
            ...
    """

    def __init__(self, bootstrap: Bootstrap, group: str, **options: Any) -> None:
        """The arguments are those of `AsyncAnomalies`."""
        self._consumer = AsyncAnomalies(bootstrap, group, **options)
