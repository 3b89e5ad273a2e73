"""Where somebody comes from: the last devices, networks and countries, as digests, and when each was seen."""

import numpy as np
import numpy.typing as npt

from profiles.compiled import compiled
from profiles.moment import epoch_s
from profiles.row import Row

Ids = npt.NDArray[np.uint32]


@compiled
def update_origins(row: Row, event: Row) -> None:
    """Remember the activity's origins."""
    at_s = epoch_s(event.event_time_ms)
    remember(row.device, row.device_s, event.device, at_s)
    remember(row.network, row.network_s, event.network, at_s)
    remember(row.country, row.country_s, event.country, at_s)


@compiled
def remember(ids: Ids, seen_s: Ids, one: int, at_s: int) -> None:
    """Put an id into a table of the last ones seen; 0 is none.

    The one seen longest ago gives way, unless the new one was seen before it.
    """
    if one == 0:
        return
    place = 0
    for at in range(len(ids)):
        if ids[at] == one:
            seen_s[at] = max(int(seen_s[at]), at_s)
            return
        if seen_s[at] < seen_s[place]:
            place = at
    if seen_s[place] <= at_s:
        ids[place], seen_s[place] = one, at_s
