"""The part of an outbox that all fakes share."""

import asyncio
from collections.abc import Iterable
from typing import Any

from liveprofile.streams.runtime.stage import Write


class SendsAll:
    """Sends several writes by its own `send`, side by side."""

    async def send_all(self: Any, writes: Iterable[Write]) -> None:
        await asyncio.gather(*(self.send(one.topic, one.partition, one.items) for one in writes if one.items))
