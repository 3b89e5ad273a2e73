"""Reads the topics of items without a consumer group."""

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.reader import Reader


async def latest(reader: Reader, topic: str) -> dict[bytes, bytes]:
    """The latest value of every key of a compacted topic that has one."""
    found: dict[bytes, bytes] = {}
    async for records in reader.read_to_end(reader.places([topic])):
        for record in records:
            if record.value is None:
                found.pop(record.key, None)
            else:
                found[record.key] = record.value
    return found


async def item_records(reader: Reader, topics: Topics) -> tuple[list[bytes], list[bytes]]:
    """All records of `items` and of `item-neighbours`."""
    items = await latest(reader, topics.items)
    return list(items.values()), list((await latest(reader, topics.item_neighbours)).values())
