"""One profile as the state topic has it, with the rules in force in its partition."""

from dataclasses import dataclass

from liveprofile.profiles.fold.partition_state import INTERNAL, PartitionState
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.state.generation import FIRST, adopted_generation
from liveprofile.profiles.state.row import Rows
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.reader import Reader, places_of

_ROOM = 4


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A profile's row, and what its partition was judged by."""

    rows: Rows
    """One row, shape (1,)."""
    rules: RuleSet
    past_ms: int
    """The time that ticks follow while past events are replayed, epoch milliseconds; 0 for the present."""


async def stored_profile(reader: Reader, topics: Topics, profile_id: str, dims: int) -> StoredProfile | None:
    """The row of a whole profile id; None where the state has none, or only the stub of an erased one."""
    key, generation = profile_id.encode(), FIRST
    while reader.has(topic := topics.state_of(generation)):
        state = PartitionState(dims, _ROOM, None)
        async for records in reader.read_to_end(places_of(reader, topic, key)):
            mine = [one for one in records if one.key and (one.key == key or one.key.startswith(INTERNAL))]
            state.restore([(one.key, one.value) for one in mine])
        adopted = adopted_generation(state.cursor.adopted)
        if adopted is not None and adopted.generation > generation:
            generation = adopted.generation
            continue
        if key not in state.table.keys:
            return None
        rows = state.table.rows[state.table.places([key])]
        if rows["erased_ms"][0]:
            return None
        return StoredProfile(rows, state.cursor.rules, int(state.cursor.time.past_ms or 0))
    return None
