"""Origins: the last devices, networks and countries of a shopper, as digests, and those new in this session."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.aliases import Row
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.traits.trait import STATIC, Feature, Field, Moment, Trait

DEVICES = 4
"""Number of devices, networks and countries kept."""
NEW_DEVICE, NEW_NETWORK, NEW_COUNTRY = 1, 2, 4
"""Bits of a row's `novel`."""

Ids = npt.NDArray[np.uint32]


@compiled
def update_origins(row: Row, event: Row, moment: Moment) -> None:
    """Store the activity's origins. A late activity marks nothing as new in the current visit.

    Another session of the same visit does not forget what is new in it: else each session id would.
    """
    at_s, novel = epoch_s(event.event_time_ms), 0
    if remember(row.device, row.device_s, event.device, at_s):
        novel |= NEW_DEVICE
    if remember(row.network, row.network_s, event.network, at_s):
        novel |= NEW_NETWORK
    if remember(row.country, row.country_s, event.country, at_s):
        novel |= NEW_COUNTRY
    if moment.begins and moment.pause_ms > moment.rules.session_gap_s * 1000:
        row.novel = 0
    if moment.pause_ms >= 0:
        row.novel |= novel


@compiled
def remember(ids: Ids, seen_s: Ids, one: int, at_s: int) -> bool:
    """Put an id into a table of the last ones seen; returns whether it is new to a table that has others.

    It replaces the id seen longest ago, unless it was itself seen earlier.
    """
    if one == 0:
        return False
    place, known = 0, False
    for at in range(len(ids)):
        if ids[at] == one:
            seen_s[at] = max(int(seen_s[at]), at_s)
            return False
        known = known or ids[at] != 0
        if seen_s[at] < seen_s[place]:
            place = at
    if ids[place] == 0 or seen_s[place] <= at_s:
        ids[place], seen_s[place] = one, at_s
    return known


@compiled
def known_devices(row: Row) -> int:
    """Number of known devices."""
    return _known(row.device)


@compiled
def known_countries(row: Row) -> int:
    """Number of known countries."""
    return _known(row.country)


@compiled
def _known(ids: Ids) -> int:
    count = 0
    for at in range(len(ids)):
        count += ids[at] != 0
    return count


ORIGINS = Trait(
    name="origins",
    meaning="Devices, networks and countries of a shopper.",
    state=(
        Field("novel", "u1", "bits of what was new in this visit: NEW_DEVICE, NEW_NETWORK, NEW_COUNTRY"),
        Field("device", "<u4", "digests of the last devices; 0 for a free place", (DEVICES,)),
        Field("device_s", "<u4", "when each was seen last", (DEVICES,)),
        Field("network", "<u4", "digests of the last networks", (DEVICES,)),
        Field("network_s", "<u4", "when each was seen last", (DEVICES,)),
        Field("country", "<u2", "the last countries", (DEVICES,)),
        Field("country_s", "<u4", "when each was seen last", (DEVICES,)),
    ),
    update=update_origins,
    features=(
        Feature("devices", STATIC, "devices", "Devices remembered.", read=known_devices),
        Feature("countries", STATIC, "countries", "Countries remembered.", read=known_countries),
    ),
)
