"""Lists of profiles: which ones fit, how many, and a page of them in the order of their ids.

The order is the same on every replica and through restarts, so a page goes on anywhere: a profile that fits all the
time is listed exactly once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.state.row import ANOMALIES
from liveprofile.streams.serve.store.page import Listed, Page
from liveprofile.streams.serve.store.profiles import Profiles
from liveprofile.streams.serve.store.row import bits_of


class Asked(NamedTuple):
    """What is asked for; None asks for everything. All that is given must fit."""

    segment: str | None = None
    lifecycle: str | None = None
    cluster: int | None = None
    kind: str | None = None
    severity: int | None = None
    since_ms: int | None = None
    after: bytes | None = None
    """The last profile id of the page before."""
    limit: int = 100


def places_of(profiles: Profiles, asked: Asked) -> npt.NDArray[np.uint32]:
    """The places of all profiles that fit, (n,)."""
    found = profiles.all
    for given, number, sets in (
        (asked.segment, profiles.segment_names.find(asked.segment or ""), profiles.segments),
        (asked.lifecycle, profiles.state_names.find(asked.lifecycle or ""), profiles.states),
        (asked.cluster, asked.cluster, profiles.clusters),
        (asked.kind, ANOMALIES.index(asked.kind) if asked.kind in ANOMALIES else None, profiles.kinds),
    ):
        if given is not None:
            found = found & (sets.get(number, BitMap()) if number is not None else BitMap())
    places = np.array(found.copy().to_array() if found is profiles.all else found.to_array(), np.uint32)
    rows = profiles.rows
    places = places[places < len(rows)]
    if asked.severity is not None:
        places = places[rows["severity"][places] >= max(asked.severity, 1)]
    if asked.since_ms is not None:
        places = places[rows["seen_ms"][places] >= asked.since_ms]
    return places


def listed(profiles: Profiles, asked: Asked) -> Page:
    """A page of the profiles that fit."""
    places = places_of(profiles, asked)
    total, order = len(places), profiles.order[places].astype(np.uint64)
    if asked.after is not None:
        behind = order > _number(asked.after)
        places, order = places[behind], order[behind]
    more = len(places) > asked.limit
    if more:
        first = np.argpartition(order, asked.limit - 1)[: asked.limit]
        places, order = places[first], order[first]
    chosen = [_listed(profiles, int(place)) for place in places[np.argsort(order)]]
    return Page(total, chosen, chosen[-1].profile_id if more else None)


def _number(profile_id: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(profile_id[:8], "big"))


def _listed(profiles: Profiles, place: int) -> Listed:
    row = profiles.row_at(place)
    return Listed(
        row.profile_id.hex(),
        row.version,
        rfc3339(row.seen_ms) if row.seen_ms else None,
        profiles.state_names.name_of(row.lifecycle) or None,
        row.cluster if row.cluster >= 0 else None,
        [profiles.segment_names.name_of(number) for number in bits_of(row.segments)],
        row.severity or None,
    )
