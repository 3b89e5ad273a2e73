"""The outbox of a runtime: writes only while the process may, and stops the process when a delivery fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.outbox import DeliveryError, KafkaOutbox
from liveprofile.streams.transport.record import Item


class RuntimeOutbox(KafkaOutbox):
    """What stages are given: `KafkaOutbox` with the runtime's say in it."""

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
    ) -> None:
        """`check` raises what keeps the process from writing; the others answer for stages, and stop the process."""
        super().__init__(
            config.bootstrap, client_id=config.app_id, max_record_bytes=config.max_record_bytes, before_send=check
        )
        self._owns = owns
        self._generation = generation
        self._topic_id = topic_id
        self._layout = layout
        self._fail = fail

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        """As `KafkaOutbox.send`; a failed delivery also stops the process, whoever awaited it."""
        try:
            return await super().send(topic, partition, items)
        except DeliveryError as error:
            self._fail(error)
            raise

    def generation(self, topic: str) -> int:
        """How often the topic was replaced by one that an operator accepted."""
        return self._generation(topic)

    def topic_id(self, topic: str) -> str:
        """Kafka's id of a topic that profiles are made from."""
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
