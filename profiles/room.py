"""Room: whether everything that one moment of one profile can lead to still fits into the findings."""

from profiles.anomalies.sessions import MOST_PER_EVENT as MOST_SESSIONS
from profiles.compiled import compiled
from profiles.notes import MOST_PER_EVENT
from profiles.pairs import MOST_PER_EVENT as MOST_PAIRS
from profiles.predict import MOST_PER_EVENT as MOST_LABELLED
from profiles.world import Findings


@compiled
def has_room(found: Findings) -> bool:
    """Whether everything that one activity, or one moment of time, can lead to fits in."""
    notes, pairs, labelled = found.filled[0], found.filled[1], found.filled[2]
    return bool(
        notes + MOST_PER_EVENT <= len(found.notes)
        and pairs + MOST_PAIRS <= len(found.pairs)
        and labelled + MOST_LABELLED <= len(found.labelled)
        and found.filled[3] + MOST_SESSIONS <= len(found.sessions)
        and found.filled[4] < len(found.entered)
    )
