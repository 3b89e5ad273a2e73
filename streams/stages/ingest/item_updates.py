"""Records for the items stage: items that are new or have changed since the last time."""

from liveprofile.profiles.items.event import ItemUpdate, encode_item_update, home_of
from liveprofile.profiles.records.activity import Action, digest64
from liveprofile.streams.stages.ingest.event import Line, ValidatedEvent
from liveprofile.streams.stages.ingest.lru import TwoGenerationCache

_SHOWN = frozenset(
    {
        Action.VIEW,
        Action.CLICK,
        Action.CART,
        Action.UNCART,
        Action.FAVOURITE,
        Action.SHARE,
        Action.DISMISS,
        Action.PURCHASE,
    }
)
"""Actions with texts that describe the item; reviews and refunds do not."""

AGAIN_MS = 30 * 86_400_000
"""After so long without the item, its record is sent again, though the same: the items stage may have let it go."""

_Looks = tuple[str, str | None, str, int]


class ItemUpdates:
    """Remembers title, brand and price of recent items. A forgotten item is sent again, which changes nothing."""

    def __init__(self, topic: str, currency: str, remembered: int = 200_000) -> None:
        """`topic` is the topic of item events; `currency` is the shop's, prices in another one are unknown."""
        self.topic = topic
        self._own = frozenset({"", currency})
        self._last: TwoGenerationCache[tuple[_Looks, int]] = TwoGenerationCache(remembered)

    def note(
        self,
        event: ValidatedEvent,
        line: Line,
        embedded: tuple[bytes, str | None],
        time_ms: int,
        partitions: int,
        found: dict[int, list[bytes]],
    ) -> None:
        """Add a record to its partition's list in `found` if the line shows a new or changed item."""
        if line.item_id is None or event.action not in _SHOWN or not (line.title or line.category):
            return
        price = line.price if event.currency in self._own else 0
        looks = (line.title, line.category, line.brand, price)
        known = self._last.get(line.item_id)
        same = known is not None and known[0] == looks and time_ms - known[1] < AGAIN_MS
        if known is not None and (same or time_ms < known[1]):
            if time_ms > known[1]:
                self._last.put(line.item_id, (looks, time_ms))
            return
        self._last.put(line.item_id, (looks, time_ms))
        vector, nearest = embedded
        item = digest64(line.item_id)
        texts = (line.item_id, line.title or None, line.category or nearest, line.brand or None)
        found[home_of(item, partitions)].append(encode_item_update(ItemUpdate(item, time_ms, price, vector, texts)))
