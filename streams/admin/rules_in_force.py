"""The rules in force by the workers' own state: those in the cursor of the first partition."""

from liveprofile.profiles.fold.cursor import CURSOR_KEY, NAME_PREFIX, Cursor
from liveprofile.profiles.segments.rules import RuleSet, starter
from liveprofile.profiles.state.generation import FIRST, adopted_generation
from liveprofile.streams.admin.preview_segments import batches
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.transport.connection import Bootstrap

_OWN = b"\x00"
"""Keys of what is no profile begin so."""


async def rules_in_force(bootstrap: Bootstrap, topics: Topics) -> RuleSet:
    """The rules; all partitions have the same. It reads one partition of the state, and keeps nothing of profiles.

    NoKafkaError where no Kafka answers, SetupError without the topic, StateReadError if it cannot be read.
    """
    generation = FIRST
    while True:
        records: dict[bytes, bytes] = {}
        async for some in batches(read_partition(bootstrap, topics.state_of(generation), 0)):
            records |= {key: value for key, value, _ in some if key and value and _is_cursors(key)}
        if (value := records.get(CURSOR_KEY)) is None:
            return starter()
        cursor = Cursor.decode(value, records)
        adopted = adopted_generation(cursor.adopted)
        if adopted is None or adopted.generation <= generation:
            return cursor.rules
        generation = adopted.generation


def _is_cursors(key: bytes) -> bool:
    return key.startswith(_OWN) and not key.startswith(NAME_PREFIX)
