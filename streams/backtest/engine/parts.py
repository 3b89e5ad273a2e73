"""What the engine is made of: the stages that a worker has, wired to topics in memory."""

from liveprofile.profiles.items.fold import ItemFold
from liveprofile.streams.backtest.engine.memory_log import MemoryLog
from liveprofile.streams.settings import Secret, Settings
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.stages.wiring import Wiring

KEY = Secret("liveprofile-backtest: the same ids on every machine")
"""Of no shop: what is folded here is kept nowhere."""


def pseudonyms(partitions: int = 1) -> Pseudonyms:
    """The shoppers' ids under that key, as ingest gives them."""
    return Pseudonyms(PseudonymKey(KEY.reveal().encode()), partitions)


def offline(settings: Settings, partitions: int = 1, currency: str | None = None) -> Settings:
    """Settings as they are, but for the key, the number of partitions, and where it is given the currency."""
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    own = {"pseudonym_key": KEY, "partitions": partitions, "currency": currency or settings.currency}
    return Settings(**(values | own))


class OfflineWiring(Wiring):
    """Stages and partitions as a worker has them; they read and write a memory log."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, bootstrap="")
        self.topics = settings.topics
        self.log = MemoryLog(self.topics)

    async def read_latest(self, topic: str, partition: int) -> dict[bytes, bytes]:
        """The latest value of every key of a compacted topic."""
        return self.log.latest(topic, partition)

    def partition(self, number: int, counters: ProfileCounters) -> Partition:
        """One partition of `activity`, which nothing but the engine gives time."""
        return Partition(number, self.profile_config(), self.log, self.events(), counters)

    def item_fold(self) -> ItemFold:
        """One partition of items."""
        return ItemFold(self._settings.items.half_life_s)
