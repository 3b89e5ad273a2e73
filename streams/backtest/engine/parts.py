"""The parts of the engine: the stages of a worker, wired to topics in memory."""

from msgspec.structs import replace

from liveprofile.profiles.items.fold import ItemFold
from liveprofile.streams.backtest.engine.memory_log import MemoryLog
from liveprofile.streams.settings import Secret, Settings
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.stages.wiring import Wiring

KEY = Secret("liveprofile-backtest: the same ids on every machine")
"""A key for backtests only: their profiles are not stored."""


def pseudonyms(partitions: int = 1) -> Pseudonyms:
    """The shoppers' ids under that key, as ingest gives them."""
    return Pseudonyms(PseudonymKey(KEY.reveal().encode()), partitions)


def offline(settings: Settings, partitions: int = 1, currency: str | None = None) -> Settings:
    """The settings with another key and number of partitions, and the currency if it is given."""
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    own: dict[str, object] = {"pseudonym_key": KEY, "partitions": partitions, "currency": currency or settings.currency}
    if own["currency"] != settings.currency:  # the rates are those of another currency
        own["ingest"] = replace(settings.ingest, exchange_rates="")
    return Settings(**(values | own))


class OfflineWiring(Wiring):
    """The stages and partitions of a worker, reading and writing a memory log."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, bootstrap="")
        self.topics = settings.topics
        self.log = MemoryLog(self.topics)

    async def read_latest(self, topic: str, partition: int) -> dict[bytes, bytes]:
        """The latest value of every key of a compacted topic."""
        return self.log.latest(topic, partition)

    def partition(self, number: int, counters: ProfileCounters) -> Partition:
        """One partition of `activity`; only the engine appends its ticks."""
        return Partition(number, self.profile_config(), self.log, self.events(), counters)

    def item_fold(self) -> ItemFold:
        """One partition of items."""
        items = self._settings.items
        return ItemFold(items.half_life_s, forget_after_days=items.forget_after_days)
