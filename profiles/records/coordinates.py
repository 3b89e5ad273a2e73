"""Coordinates of input records: topic, partition and offset in 64 bits, and offsets that outlive their topic."""

from functools import lru_cache

OFFSET_BITS = 40
PARTITION_BITS = 16
TOPIC_BITS = 4
GENERATIONS = 16
"""Maximum generations of a topic, the first one included: four bits of a source coordinate."""

SOURCES = (
    "clicks",
    "searches",
    "purchases",
    "reviews",
    "feedback",
    "identities",
    "consents",
    "declarations",
    "activity",
)
"""Input topics by their number in a source coordinate. Append only."""


def lasting_offset(generation: int, offset: int) -> int:
    """An offset that stays above all earlier ones when a topic is replaced by another of its name.

    Generation 0 is the topic that the application began with; see docs/adr/0006-lineage.md.
    """
    return generation << OFFSET_BITS | offset


def source_code(topic: str, partition: int, offset: int) -> int:
    """Pack an input record's place into 64 bits: generation 4, topic 4, partition 16, offset 40. Takes lasting offsets.

    >>> source_name(source_code("clicks", 3, 1822))
    'clicks/3/1822'
    >>> source_name(source_code("clicks", 3, lasting_offset(1, 1822)))
    'clicks@1/3/1822'
    """
    generation, place = divmod(offset, 1 << OFFSET_BITS)
    lane = (generation << TOPIC_BITS | SOURCES.index(topic)) << PARTITION_BITS | partition
    return lane << OFFSET_BITS | place


@lru_cache(maxsize=65_536)
def source_name(code: int) -> str:
    """The place of a source code as text; @1 is the first topic that replaced another."""
    lane, offset = divmod(int(code), 1 << OFFSET_BITS)
    origin, partition = divmod(lane, 1 << PARTITION_BITS)
    generation, topic = divmod(origin, 1 << TOPIC_BITS)
    again = f"@{generation}" if generation else ""
    return f"{SOURCES[topic]}{again}/{partition}/{offset}"
