"""What a person keeps the latest of: actions, origins, and statements about itself."""

import numpy as np

from liveprofile.profiles.person.facet import Aligned
from liveprofile.profiles.person.fields import RINGS, SEEN
from liveprofile.profiles.state.row import DECLARED, RECENT, Row


def compose_actions(out: Row, of: Aligned) -> None:
    """Set the ring of last actions: the newest of all by time, then source; `out` has its number of events already."""
    found = [
        (int(row["recent_s"][place]), int(row["recent_source"][place]), number, at, place)
        for at, row in enumerate(of.rows)
        for number in range(max(int(row["events"]) - RECENT, 0), int(row["events"]))
        for place in [number % RECENT]
    ]
    for name in RINGS:
        out[name] = 0
    for back, (*_, at, place) in enumerate(sorted(found, reverse=True)[:RECENT]):
        to = (int(out["events"]) - 1 - back) % RECENT
        for name in RINGS:
            out[name][to] = of.rows[at][name][place]


def compose_origins(out: Row, of: Aligned) -> None:
    """Set devices, networks and countries: the latest of the union; of equal times the smaller digest."""
    for name in SEEN:
        seen: dict[int, int] = {}
        for row in of.rows:
            for digest, at_s in zip(row[name].tolist(), row[f"{name}_s"].tolist(), strict=True):
                if digest != 0:
                    seen[digest] = max(seen.get(digest, 0), at_s)
        latest = sorted(seen.items(), key=lambda one: (-one[1], one[0]))[: len(out[name])]
        out[name], out[f"{name}_s"] = 0, 0
        for at, (digest, at_s) in enumerate(latest):
            out[name][at], out[f"{name}_s"][at] = digest, at_s


def compose_declared(out: Row, of: Aligned) -> None:
    """Set what the person stated: one statement an attribute.

    A correction wins over a declaration, then the later one, then that of the stronger identifier, then of the smaller
    one. What was taken back is a statement, too. Of more attributes than there is room for, the latest are kept.
    """
    best: dict[int, tuple[tuple[int, int, int, int], int]] = {}
    for at, (facet, row) in enumerate(zip(of.facets, of.rows, strict=True)):
        for place in np.flatnonzero(row["declared_how"]):
            attribute, value = map(int, row["declared"][place])
            rank = (int(row["declared_how"][place]), int(row["declared_s"][place]), facet.strength, -at)
            if attribute not in best or rank > best[attribute][0]:
                best[attribute] = (rank, value)
    latest = sorted(best.items(), key=lambda one: (-one[1][0][1], one[0]))[:DECLARED]
    out["declared"], out["declared_s"], out["declared_how"] = 0, 0, 0
    for at, (attribute, ((how, at_s, *_), value)) in enumerate(latest):
        out["declared"][at], out["declared_s"][at], out["declared_how"][at] = (attribute, value), at_s, how
