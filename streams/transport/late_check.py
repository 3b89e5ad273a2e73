"""A check at the last moment: before a produce request is sent to its socket, at the first try and every retry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaError
from aiokafka.protocol.produce import ProduceRequest

from liveprofile.errors import LiveprofileError


class WithheldError(LiveprofileError, KafkaError):  # type: ignore[misc]  # aiokafka has no types
    """The check failed, so nothing was sent; not retriable, so aiokafka fails the batches instead of keeping them."""

    retryable = True
    next_step = "Look at the cause, and restart the process."


def check_before_produce(client: Any, check: Callable[[], None]) -> None:
    """Let an aiokafka client call `check` right before it sends records; if `check` raises, nothing is sent.

    Batches wait in the producer: for the previous one, for a connection, for a retry. A process that was paused
    meanwhile would send them when it continues. Connecting is awaited before the check, because it may take long, too.
    """
    send = client.send

    async def checked_send(node: int, request: Any, *, group: ConnectionGroup = ConnectionGroup.DEFAULT) -> Any:
        if isinstance(request, ProduceRequest):
            await client.ready(node, group=group)
            try:
                check()
            except Exception as error:
                raise WithheldError(f"nothing was sent: {error}") from error
        return await send(node, request, group=group)

    client.send = checked_send
