"""Replays a next-item table through the engine: each row is predicted, then its purchase is sent."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from liveprofile.profiles.items.evidence import Profile
from liveprofile.profiles.items.index import ItemIndex
from liveprofile.profiles.records.activity import digest64
from liveprofile.streams.backtest.engine.arrivals import of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.parts import OfflineWiring, pseudonyms
from liveprofile.streams.backtest.next_item.catalogue import put_catalogue
from liveprofile.streams.backtest.next_item.schedule import PurchaseSchedule
from liveprofile.streams.backtest.next_item.table import Product
from liveprofile.streams.datasets.amazon import FIRST_STEP_MS, NextItem
from liveprofile.streams.datasets.record import Record
from liveprofile.streams.stages.ingest.pseudonym import known_shopper
from liveprofile.streams.stages.profile.partition import Partition

TICK_S = 86_400.0
"""No timer matters here: one tick a day is enough."""


class Asked(Protocol):
    """The methods under test, called for every row."""

    def begin(self, index: ItemIndex) -> None:
        """`index` has all candidates; it changes during the replay."""

    def had(self, user: str, items: Sequence[str]) -> None:
        """Items of a user that were sent to the stream, in order."""

    def ask(self, row: NextItem, profile: Profile) -> None:
        """Predict the row's item; profile and index do not contain it yet."""


async def replay(
    rows: Sequence[NextItem],
    products: dict[str, Product],
    wiring: OfflineWiring,
    half_life_s: float,
    asked: Asked,
    progress: Callable[[float], None],
) -> None:
    """Replay rows in their order; `half_life_s` is that of items.

    Profiles are snapshots of the present row: the topic `profiles` has only the state of the last published change. The
    index is updated from the records of item checkpoints.
    """
    ids = pseudonyms(wiring.topics.partitions)
    schedule = PurchaseSchedule({item: one.brand for item, one in products.items()})
    index = ItemIndex((), (), half_life_s)
    async with Engine(wiring, tick_s=TICK_S) as engine:
        await put_catalogue(products, wiring, FIRST_STEP_MS - 1)
        happened: list[Record] = []
        for at, row in enumerate(rows):
            before = schedule.before(row)
            await engine.run(of_file([*happened, *before]))
            _follow(engine, index)
            if not at:
                asked.begin(index)
            asked.had(row.user, _items(before))
            asked.ask(row, _profile(engine.partitions, *ids.of(known_shopper(row.user))))
            happened = schedule.after(row)
            asked.had(row.user, _items(happened))
            progress((at + 1) / len(rows))


def place_of(index: ItemIndex, item_id: str) -> int:
    """The position of an item. KeyError if it is not in the index."""
    return index.place[f"{digest64(item_id):016x}"]


def _profile(partitions: Sequence[Partition], profile_id: bytes, number: int) -> Profile:
    """A decoded snapshot of a profile as it is now."""
    (taken,) = partitions[number].fold.snapshots([profile_id], "EUR")
    profile: Profile = msgspec.to_builtins(taken)
    return profile


def _follow(engine: Engine, index: ItemIndex) -> None:
    """Update the index with new records of items, as a reader of both topics does."""
    for fold in engine.items:
        items, neighbours, _ = fold.checkpoint()
        index.take(*([value for _, value in records if value is not None] for records in (items, neighbours)))


def _items(records: Sequence[Record]) -> list[str]:
    return [line["item_id"] for record in records for line in record.fields["items"]]
