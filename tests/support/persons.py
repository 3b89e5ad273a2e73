"""Persons whose activities are spread over identifiers, and the fold of all of them under one id."""

from dataclasses import dataclass

import numpy as np

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.output.snapshot import SnapshotContext, encoded_snapshots
from liveprofile.profiles.person.facet import Facet
from liveprofile.profiles.records.activity import join_heads
from liveprofile.profiles.state.row import Row, blank_rows
from support.activities import DIMS, Log, random_log

POLICY = Policy(dims=DIMS)


@dataclass(frozen=True)
class Spread:
    """One log, folded by person and by identifier."""

    whole: Fold
    apart: Fold
    users: int
    identifiers: int

    def facets(self, user: int) -> list[Facet]:
        """The identifiers of a person that did anything; the first one is the strongest."""
        known = set(self.apart.table.keys)
        keys = [b"%030x%02x" % (user, number) for number in range(self.identifiers)]
        return [facet_of(self.apart, key, 100 - at) for at, key in enumerate(keys) if key in known]


def spread(seed: int, *, users: int = 8, identifiers: int = 3, count: int = 400, order_ids: bool = True) -> Spread:
    """A random log; each event is done under one of a person's identifiers, all its lines under the same.

    Without `order_ids` orders that have one are left out: who sends an order again under another identifier tells it
    twice.
    """
    log = random_log(seed, count, users=users, ticks=False)
    if not order_ids:
        kept = np.flatnonzero(join_heads(log.values, DIMS)["order"] == 0).tolist()
        log = Log([log.keys[at] for at in kept], [log.values[at] for at in kept])
    random = np.random.default_rng(seed)
    keys: list[bytes] = []
    last: dict[bytes, int] = {}
    for key, line in zip(log.keys, join_heads(log.values, DIMS)["line"].tolist(), strict=True):
        if line == 0 or key not in last:
            last[key] = int(random.integers(identifiers))
        keys.append(b"%030x%02x" % (int(key, 16), last[key]))
    return Spread(folded(log), folded(Log(keys, log.values)), users, identifiers)


def folded(log: Log) -> Fold:
    """A fold of a whole log."""
    fold = Fold(POLICY)
    fold.apply(log.keys, log.values, range(len(log)))
    return fold


def facet_of(fold: Fold, key: bytes, strength: int = 10) -> Facet:
    """A copy of a profile as a facet."""
    places = fold.table.places([key])
    return Facet(key.decode(), strength, fold.table.rows[places][0], fold.table.ledgers.read(places)[0])


def snapshot(fold: Fold, row: Row, key: str) -> bytes:
    """A row's snapshot, with the names and models of a fold."""
    cursor = fold.cursor
    made_by = (cursor.model, cursor.predictor, cursor.priors, cursor.rules)
    context = SnapshotContext(fold.dictionary, POLICY, None, "EUR", *made_by)
    rows = blank_rows(1, DIMS)
    rows[0] = row
    return encoded_snapshots(rows, [key], context)[0].value
