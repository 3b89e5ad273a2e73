"""A worker that kills itself in the middle of a hand-over: the command `liveprofile`, with one method wrapped.

`CRASH_IN` names the moment: `carried` (snapshots and state of the new generation are durable, the old one does not say
so yet) or `left` (it does, and nothing is folded beyond). The product has no such hooks.
"""

import os
import signal
from typing import Any

from liveprofile.streams.cli.main import main

MOMENTS = {"carried": "_carry_over", "left": "_leave"}


def crash_after(name: str) -> None:
    """Have the process kill itself when a method of the hand-over has returned."""
    from liveprofile.streams.stages.profile.hand_over import HandOver

    method = getattr(HandOver, name)

    async def crashing(*arguments: Any) -> Any:
        await method(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(HandOver, name, crashing)


if __name__ == "__main__":
    crash_after(MOMENTS[os.environ["CRASH_IN"]])
    main()
