"""Interest-drift detector: the distance of a session from everything that the shopper did before it.

The mean vector of the session is compared with the long-term mean vector, from which the session's own part is removed.
Where sessions go on at once, the current one is compared without the others: an attacker's session is not hidden by
that of the owner. Shoppers have several interests and sometimes gain a new one. Therefore the distance is multiplied by
the share of the session on topics that are new to the shopper, and it counts only if several topics are new.
"""

import math

from liveprofile.profiles.kernel.own_session import (
    MEAN_ONE,
    any_beside,
    own_mass,
    own_topic_mass,
    own_vector_sum,
)
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.robust_scale import SIGMA_OF_MEAN_DEVIATION
from liveprofile.profiles.numeric.scratch import floats
from liveprofile.profiles.state.row import LONG, SESSION, SLOT_DIMS, TOPICS, Row

"""Places in `SCALES`."""
SEEN = 1.0
"""Session weight of a topic from which it counts as part of the session."""
NEW = 2.0
"""Earlier weight of a topic up to which it counts as new."""
OWN_PART = 1.2
"""The session's part in a long-term weight over its session weight, which has decayed faster since."""
STEP = 0.05
"""Weight of one event in the shopper's usual drift."""
FIRST_USUAL, FIRST_SPREAD, LEAST_SPREAD = 0.2, 0.15, 0.1
"""Mean and deviation before any session is known, and the floor of the deviation."""


@compiled
def drift(row: Row, rules: Rules) -> float:
    """Drift from 0, nothing new, to 2, the opposite of all earlier interests; -1 if there is too little evidence."""
    session, long = own_mass(row), float(row.mass[LONG])
    if session < rules.anomalies_drift_min_session_mass or long - session < rules.anomalies_drift_min_earlier_mass:
        return -1.0
    share = new_share(row, rules.anomalies_drift_min_new_topics)
    return share * distance_from_earlier(row) if share > 0.0 else 0.0


@compiled
def new_share(row: Row, least_topics: float) -> float:
    """The share of the session's weight on topics that are new; 0 where these are fewer than `least_topics`."""
    total, on_new, new = 0.0, 0.0, 0
    for at in range(TOPICS):
        session, long = own_topic_mass(row, at), float(row.topic_mass[LONG][at])
        total += session
        if session >= SEEN and long - OWN_PART * session <= NEW:
            new += 1
            on_new += session
    return on_new / total if new >= least_topics and total > 0.0 else 0.0


@compiled
def distance_from_earlier(row: Row) -> float:
    """1 - cosine of the session's vector s and the earlier vector M l - m s; 1 where either is zero.

    Written with the dot products ss, sl and ll, which are exact: sums of integers.
    """
    if any_beside(row):
        return _distance_of_own(row)
    s, l, ss, sl, ll = row.interest[SESSION], row.interest[LONG], 0, 0, 0  # noqa: E741 - the formula's letters
    for at in range(s.shape[0]):
        x, y = int(s[at]), int(l[at])
        ss += x * x
        sl += x * y
        ll += y * y
    m, M = float(row.mass[SESSION]), float(row.mass[LONG])  # noqa: N806 - the formula's letters
    dot = M * sl - m * ss
    square = M * M * ll - 2.0 * M * m * sl + m * m * ss
    if ss == 0 or square <= 0.0:
        return 1.0
    return 1.0 - min(max(dot / (math.sqrt(ss) * math.sqrt(square)), -1.0), 1.0)


@compiled
def _distance_of_own(row: Row) -> float:
    """The same for the current session's own part, in the first dimensions: x is m s of it, y is M l."""
    x, dims = floats(SLOT_DIMS), min(SLOT_DIMS, row.interest[LONG].shape[0])
    own_vector_sum(row, x)
    xx, xe, ee = 0.0, 0.0, 0.0
    for at in range(dims):
        earlier = float(row.mass[LONG]) * row.interest[LONG][at] / MEAN_ONE - x[at]
        xx += x[at] * x[at]
        xe += x[at] * earlier
        ee += earlier * earlier
    if xx <= 0.0 or ee <= 0.0:
        return 1.0
    return 1.0 - min(max(xe / (math.sqrt(xx) * math.sqrt(ee)), -1.0), 1.0)


@compiled
def drift_score(row: Row, distance: float) -> float:
    """The drift in deviations from this shopper's usual drift; 0 if it was not judged."""
    if distance < 0.0:
        return 0.0
    score: float = (distance - row.drift_location) / max(row.drift_spread, LEAST_SPREAD)
    return score


@compiled
def score_drift(row: Row, distance: float, rules: Rules) -> float:
    """The score of a drift above the minimum; 0 below it."""
    return max(drift_score(row, distance), 0.0) if distance >= rules.anomalies_drift_min_distance else 0.0


@compiled
def learn_drift(row: Row, distance: float) -> None:
    """Exponentially weighted mean and deviation of the distance."""
    off = distance - row.drift_location
    row.drift_location += STEP * off
    row.drift_spread += STEP * (abs(off) * SIGMA_OF_MEAN_DEVIATION - row.drift_spread)
