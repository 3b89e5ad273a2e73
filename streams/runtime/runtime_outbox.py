"""The outbox of a runtime: it writes only while the process owns its partitions, and a failed delivery stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from liveprofile.streams.runtime.app import SEND_SHARE, RuntimeConfig
from liveprofile.streams.runtime.outbox import DeliveryError, KafkaOutbox
from liveprofile.streams.runtime.stage import Write

RENEW_S = 6 * 3600.0
"""Time between two renewals of fencing tokens; Kafka forgets an unused one after a week, its epochs after a day."""


class RuntimeOutbox(KafkaOutbox):
    """The outbox that stages get: `KafkaOutbox` with the runtime's checks."""

    def __init__(
        self,
        config: RuntimeConfig,
        *,
        check: Callable[[], None],
        owns: Callable[[str, int], bool],
        generation: Callable[[str], int],
        topic_id: Callable[[str], str],
        layout: Callable[[str], int],
        fail: Callable[[BaseException], None],
        sent: Callable[[Collection[str]], None],
    ) -> None:
        """`check` raises if the process must not write; `sent` is called with the topics of records that are durable.

        The others answer the calls of stages, and `fail` stops the process.
        """
        super().__init__(
            config.bootstrap,
            client_id=config.app_id,
            max_record_bytes=config.max_record_bytes,
            before_send=check,
            company_s=SEND_SHARE * config.latency_target_s,
        )
        self._owns = owns
        self._generation = generation
        self._topic_id = topic_id
        self._layout = layout
        self._fail = fail
        self._sent = sent

    async def send_together(self, writes: Sequence[Write]) -> list[int | None]:
        """As `KafkaOutbox.send_together`; a failed delivery also stops the process, even if nobody awaits it."""
        try:
            sent = await super().send_together(writes)
        except DeliveryError as error:
            self._fail(error)
            raise
        self._sent({write.topic for write in writes})
        return sent

    async def keep_tokens(self) -> None:
        """Renew the fencing tokens again and again, until cancelled."""
        while True:
            await asyncio.sleep(RENEW_S)
            await self.renew_tokens()

    def generation(self, topic: str) -> int:
        """How often the topic was replaced and accepted by an operator."""
        return self._generation(topic)

    def topic_id(self, topic: str) -> str:
        """Kafka's id of a checked topic."""
        return self._topic_id(topic)

    def layout(self, topic: str) -> int:
        """The layout that all workers have agreed to write."""
        return self._layout(topic)

    def owns(self, topic: str, partition: int) -> bool:
        """Whether the partition is assigned here, in the group generation it was assigned in."""
        return self._owns(topic, partition)

    def fail(self, error: BaseException) -> None:
        """Stop the process because of this error."""
        self._fail(error)
