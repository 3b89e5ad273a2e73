"""Decayed interests at three time scales: a mean vector with its weight, and the heaviest topics and brands.

v = sum of w_i 2^(-(t - t_i)/h) e_i is kept as weight m and mean v / m. A late event decays its own weight, not the
state, so order does not matter beyond rounding (forward decay: Cormode et al., ICDE 2009).
"""

import math

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.own_session import any_beside, drop_topic_beside, fade_beside
from liveprofile.profiles.numeric.aliases import Factors
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.quantised_mean import blend, pattern_of
from liveprofile.profiles.state.row import BRANDS, LONG, SCALE_COUNT, SESSION, SHORT, SLOT_DIMS, TOPICS, Row

Vector = npt.NDArray[np.int16]


@compiled
def update_interests(row: Row, event: Row, weight: float, state_decay: Factors, event_decay: Factors) -> None:
    """Add the activity's embedding to the mean vectors, and its topic and brand to their tables."""
    has_vector = False
    for at in range(event.vector.shape[0]):
        if event.vector[at] != 0:
            has_vector = True
            break
    if any_beside(row):
        fade_beside(row, state_decay[SESSION])
    sign = 1.0 if weight >= 0 else -1.0
    pattern = pattern_of(event.source + event.line)
    for scale in range(SCALE_COUNT):
        added = abs(weight) * event_decay[scale] if has_vector else 0.0
        mass = row.mass[scale] * state_decay[scale] + added
        row.mass[scale] = mass
        if added > 0.0:
            kept = row.interest[scale][: scale_dims(scale, len(event.vector))]
            blend(kept, event.vector, sign, added / mass, pattern)
        for place in range(TOPICS):
            row.topic_mass[scale][place] *= state_decay[scale]
    for place in range(BRANDS):
        row.brand_mass[place] *= state_decay[LONG]
    _add_topic(row, event.category, weight, event_decay)
    _add_brand(row, event.brand, weight * event_decay[LONG], event_decay[SESSION] < 1.0)


@compiled
def scale_dims(scale: int, dims: int) -> int:
    """Dimensions kept of a scale's mean: for the week only the first ones, which hold the most variance.

    The week's mean decides nothing; the week's topics do. The other dimensions stay zero and need no bytes.
    """
    return min(SLOT_DIMS, dims) if scale == 1 else dims


@compiled
def _add_topic(row: Row, topic: int, weight: float, event_decay: Factors) -> None:
    """Add a weight under a topic. An unknown topic replaces the lightest one, as in Space-Saving (Metwally et al. 2005)
    without the inherited count. Not entered are: a negative weight of an unknown topic, topic 0, and a late weight
    below that of the topic it would replace, since old history must not displace newer interests."""
    if topic == 0:
        return
    place, lightest = -1, np.inf
    for at in range(TOPICS):
        if row.topic[at] == topic:
            place, lightest = at, -np.inf
        mass = (
            -1.0
            if row.topic[at] == 0
            else row.topic_mass[SESSION][at] + row.topic_mass[SHORT][at] + row.topic_mass[LONG][at]
        )
        if mass < lightest:
            place, lightest = at, mass
    if row.topic[place] != topic:
        late, total = (
            event_decay[SESSION] < 1.0,
            weight * (event_decay[SESSION] + event_decay[SHORT] + event_decay[LONG]),
        )
        if weight <= 0 or (late and total <= lightest):
            return
        row.topic[place] = topic
        drop_topic_beside(row, place)
        for scale in range(SCALE_COUNT):
            row.topic_mass[scale][place] = 0.0
    for scale in range(SCALE_COUNT):
        row.topic_mass[scale][place] = max(row.topic_mass[scale][place] + weight * event_decay[scale], 0.0)


@compiled
def _add_brand(row: Row, brand: int, weight: float, late: bool) -> None:
    """As for topics, at the long scale alone."""
    if brand == 0:
        return
    place, lightest = -1, np.inf
    for at in range(BRANDS):
        if row.brand[at] == brand:
            place, lightest = at, -np.inf
        mass = -1.0 if row.brand[at] == 0 else row.brand_mass[at]
        if mass < lightest:
            place, lightest = at, mass
    if row.brand[place] != brand:
        if weight <= 0 or (late and weight <= lightest):
            return
        row.brand[place] = brand
        row.brand_mass[place] = 0.0
    row.brand_mass[place] = max(row.brand_mass[place] + weight, 0.0)


@compiled
def long_direction(row: Row, direction: Vector) -> None:
    """Write the first coordinates of the unit long-term interest into `direction`, int16; zeros if there is none.

    PCA orders coordinates by variance, so a prefix is the best projection of that many dimensions.
    """
    mean, square = row.interest[LONG], 0
    for at in range(mean.shape[0]):
        square += int(mean[at]) * int(mean[at])
    scale = 32767.0 / math.sqrt(square) if square > 0 else 0.0
    for at in range(direction.shape[0]):
        direction[at] = np.int16(np.rint(mean[at] * scale))


@compiled
def long_topic(row: Row) -> int:
    """The topic with the largest long-term weight; 0 for none."""
    largest, topic = 0.0, 0
    for at in range(TOPICS):
        if row.topic_mass[LONG][at] > largest:
            largest, topic = row.topic_mass[LONG][at], row.topic[at]
    return topic
