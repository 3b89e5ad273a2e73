"""A worker that kills itself in one of its worst moments: the command `liveprofile`, with one function wrapped.

`CRASH_IN` names the window, `CRASH_AFTER` how many times it is passed before. The product has no such hooks.
"""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from liveprofile.streams.cli.main import main
from liveprofile.streams.runtime.stage import Write


class Fuse:
    """Burns down by one each time the window is passed; then the process kills itself."""

    def __init__(self, passes: int) -> None:
        self.left = passes

    def burn(self) -> None:
        """Count down, or die without a last word."""
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def after_facts(fuse: Fuse) -> None:
    """Facts are durable, the state that they follow from is not."""
    from liveprofile.streams.stages.profile.partition import Partition

    wrap(Partition, "take", lambda result: fuse.burn() if result else None)


def after_state(fuse: Fuse) -> None:
    """Profiles are durable, the cursor behind them is not, nothing is acked."""
    from liveprofile.profiles.fold.cursor import CURSOR_KEY
    from liveprofile.streams.runtime.runtime_outbox import RuntimeOutbox

    send = RuntimeOutbox.send_together

    async def burning(self: Any, writes: Sequence[Write]) -> Any:
        if any(write.items[-1][0] == CURSOR_KEY for write in writes):
            fuse.burn()
        return await send(self, writes)

    RuntimeOutbox.send_together = burning  # type: ignore[method-assign]


def before_commit(fuse: Fuse) -> None:
    """Everything is durable and acked, the commit is not sent."""
    from liveprofile.streams.transport.consumer import BatchConsumer

    commit = BatchConsumer._commit

    async def burning(self: Any, offsets: Any) -> Any:
        fuse.burn()
        return await commit(self, offsets)

    BatchConsumer._commit = burning


def in_recovery(fuse: Fuse) -> None:
    """Some of a partition's state is read, not all."""
    from liveprofile.streams.runtime import partition_state

    read = partition_state._records_until

    async def burning(*arguments: Any) -> AsyncIterator[Any]:
        async for records in read(*arguments):
            yield records
            fuse.burn()

    partition_state._records_until = burning
    fuse.left = 0


def in_snapshot(fuse: Fuse) -> None:
    """A model version is durable, its adoption is in no or only some partitions of the log."""
    from liveprofile.streams.runtime.runtime_outbox import RuntimeOutbox

    send = RuntimeOutbox.send_together
    fuse.left %= 3

    async def burning(self: Any, writes: Sequence[Write]) -> Any:
        result = await send(self, writes)
        for write in writes:
            if write.topic.endswith(".models") or write.items[0][0] == b"\x00adopt":
                fuse.burn()
        return result

    RuntimeOutbox.send_together = burning  # type: ignore[method-assign]


WINDOWS: dict[str, Callable[[Fuse], None]] = {
    "facts": after_facts,
    "state": after_state,
    "commit": before_commit,
    "recovery": in_recovery,
    "snapshot": in_snapshot,
}


def wrap(owner: type, name: str, after: Callable[[Any], None]) -> None:
    """Have `after` look at the result of every call of an async method."""
    method = getattr(owner, name)

    async def wrapped(*arguments: Any) -> Any:
        result = await method(*arguments)
        after(result)
        return result

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    WINDOWS[os.environ["CRASH_IN"]](Fuse(int(os.environ["CRASH_AFTER"])))
    main()
