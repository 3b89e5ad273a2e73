"""Writes a catalogue to the topic of item events: its items can be recommended before any event."""

from collections.abc import Mapping

from liveprofile.profiles.items.event import ItemUpdate, encode_item_update, home_of
from liveprofile.profiles.records.activity import digest64
from liveprofile.streams.backtest.engine.parts import OfflineWiring
from liveprofile.streams.backtest.next_item.table import Product
from liveprofile.streams.contract.inputs import Item
from liveprofile.streams.stages.ingest.fields import product_line


async def put_catalogue(products: Mapping[str, Product], wiring: OfflineWiring, time_ms: int) -> None:
    """Embed the titles as ingest does, and send an item update of each product."""
    items = [Item(item_id=key, title=one.title or None, brand=one.brand) for key, one in products.items()]
    lines = [product_line(item, 0) for item in items]
    embedding, topic = wiring.embedding(), wiring.topics.item_events
    await embedding.start()
    try:
        found = iter(await embedding.vectors([line.text for line in lines if line.text]))
    finally:
        await embedding.stop()
    nothing = bytes(2 * embedding.dims), None
    for line in lines:
        vector, nearest = next(found) if line.text else nothing
        item = digest64(line.item_id or "")
        texts = (line.item_id, line.title or None, line.category or nearest, line.brand or None)
        value = encode_item_update(ItemUpdate(item, time_ms, 0, vector, texts))
        await wiring.log.send(topic, home_of(item, wiring.topics.partitions), [(None, value, ())])
