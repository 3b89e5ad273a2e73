"""Starts the processes of the demo: worker, query service and shop traffic, each as the user that it is on Kafka."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from liveprofile.errors import LiveprofileError
from liveprofile.streams.broker.security.secured import given
from liveprofile.streams.cli.context import Context, UserError
from liveprofile.streams.cli.demo.children import Child, Children, wait_for
from liveprofile.streams.transport.connection import Connection

READY_S = 120.0
"""Longest wait for the worker to load its model and join its group."""


class ChildDiedError(LiveprofileError):
    """A child process ended by itself."""

    next_step = "Look at the log of the process that the message names."

    def __init__(self, child: Child) -> None:
        super().__init__(f"The {child.name} ended with exit code {child.exit_code()}.")
        self.child = child


@dataclass(frozen=True, slots=True)
class Starter:
    """Starts children with the settings of the demo."""

    context: Context
    children: Children

    def start(self, connection: Connection, name: str, *arguments: str, **environment: str) -> Child:
        """Start `liveprofile NAME`."""
        command = [*self._globals(connection), name, *arguments]
        return self.children.start(name, command, _environment(connection) | environment)

    def worker(self, connection: Connection) -> Child:
        """Start the worker and wait until it has its partitions."""
        context = self.context
        ready = self.children.logs / "worker.ready"
        ready.unlink(missing_ok=True)
        began = time.monotonic()
        context.inform(f"starting a worker: {', '.join(context.settings.worker.stages)}")
        worker = self.start(connection, "worker", "--ready-file", str(ready))
        if not wait_for(worker, ready.exists, READY_S):
            if worker.exit_code() is not None:
                raise ChildDiedError(worker)
            raise UserError(f"The worker is not ready after {READY_S:.0f} s.", f"Read {worker.log}.")
        context.inform(f"the worker is ready after {time.monotonic() - began:.1f} s; its log: {worker.log}")
        return worker

    def traffic(self, connection: Connection, *, rate: float, users: int, seed: int) -> Child:
        """Start the simulated shop: `rate` events a second."""
        self.context.inform(f"starting shop traffic: {users:,} shoppers, {rate:,.0f} events/s, seed {seed}")
        numbers = ("--rate", str(rate), "--users", str(users), "--seed", str(seed))
        return self.start(connection, "traffic", *numbers)

    def _globals(self, connection: Connection) -> list[str]:
        """The global options of a child: the same settings, and the demo's Kafka."""
        context = self.context
        options = ["--debug"] if context.debug else []
        if context.config is not None:
            options += ["--config", str(context.config)]
        for name, value in {**context.overrides, "bootstrap": str(connection)}.items():
            options += [f"--{name.replace('_', '-').replace('.', '-')}", value]
        return options


def _environment(connection: Connection) -> dict[str, str]:
    """A child's user, by the paths of its files; its log is for people: in a file, and on the screen if it fails."""
    user = {f"LIVEPROFILE_KAFKA__{name.upper()}": str(value) for name, value in given(connection.security).items()}
    return {"LIVEPROFILE_LOG__FORMAT": "pretty"} | user


def last_words(child: Child) -> str:
    """The last output of an ended child, with the path of its log."""
    return f"{child.end_of_log()}\n(the end of {Path(child.log)})"
