"""The outbox of a runtime: writes only while the process may, and stops the process when a delivery fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.runtime.app import RuntimeConfig
from streams.runtime.outbox import DeliveryError, KafkaOutbox
from streams.runtime.stage import Item


class RuntimeOutbox(KafkaOutbox):
    """What stages are given: `KafkaOutbox` with the runtime's say in it."""

    def __init__(
        self,
        config: RuntimeConfig,
        *,
        check: Callable[[], None],
        owns: Callable[[str, int], bool],
        fail: Callable[[BaseException], None],
    ) -> None:
        """`check` raises what keeps the process from writing, `owns` knows its partitions, `fail` stops it."""
        super().__init__(
            config.bootstrap, client_id=config.app_id, max_record_bytes=config.max_record_bytes, before_send=check
        )
        self._owns = owns
        self._fail = fail

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> None:
        """As `KafkaOutbox.send`; a failed delivery also stops the process, whoever awaited it."""
        try:
            await super().send(topic, partition, items)
        except DeliveryError as error:
            self._fail(error)
            raise

    def owns(self, topic: str, partition: int) -> bool:
        """Whether the partition is assigned here, in the group generation it was assigned in."""
        return self._owns(topic, partition)

    def fail(self, error: BaseException) -> None:
        """Stop the process because of this error."""
        self._fail(error)
