"""The session interests of the current session alone, where others go on at once.

The session scale of a row sums up all sessions: mean and topics of the last half hour. What of it belongs to sessions
that are open beside the current one is kept with them, decayed alike. The rest is the current session's own. While only
one session is open, its own part is the whole.
"""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.aliases import Row
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.vocabulary import SESSION
from liveprofile.profiles.state.row import OPEN_SESSIONS, SLOT_DIMS, TOPICS

MEAN_ONE, BESIDE_ONE = 32767.0, 127.0
"""The integers that stand for 1.0 in means of the row, and in those of sessions beside."""


@compiled
def any_beside(row: Row) -> bool:
    """Whether a session is open beside the current one."""
    for place in range(OPEN_SESSIONS):
        if row.open_session[place] != 0:
            return True
    return False


@compiled
def fade_beside(row: Row, decay: float) -> None:
    """Decay the parts of the sessions beside by the factor of the session scale."""
    for place in range(OPEN_SESSIONS):
        if row.open_session[place] != 0:
            row.open_mass[place] *= decay
            row.open_pages[place] *= decay
            for at in range(TOPICS):
                row.open_topic_mass[place][at] *= decay


@compiled
def drop_topic_beside(row: Row, at: int) -> None:
    """Forget the weights of the topic at a place that another topic takes."""
    for place in range(OPEN_SESSIONS):
        row.open_topic_mass[place][at] = 0.0


@compiled
def own_mass(row: Row) -> float:
    """The current session's own weight."""
    mass = float(row.mass[SESSION])
    for place in range(OPEN_SESSIONS):
        mass -= float(row.open_mass[place])
    return max(mass, 0.0)


@compiled
def own_topic_mass(row: Row, at: int) -> float:
    """Its own weight of the topic at a place."""
    mass = float(row.topic_mass[SESSION][at])
    for place in range(OPEN_SESSIONS):
        mass -= float(row.open_topic_mass[place][at])
    return max(mass, 0.0)


@compiled
def own_vector_sum(row: Row, towards: npt.NDArray[np.float64]) -> None:
    """Write its own weight times its own mean (SLOT_DIMS,), in units of 1.0."""
    dims = min(SLOT_DIMS, row.interest[SESSION].shape[0])
    for at in range(dims):
        towards[at] = float(row.mass[SESSION]) * row.interest[SESSION][at] / MEAN_ONE
        for place in range(OPEN_SESSIONS):
            towards[at] -= float(row.open_mass[place]) * row.open_interest[place][at] / BESIDE_ONE
