"""Lifecycle and segments as snapshots show them."""

import numpy as np

from liveprofile.profiles.facts.json_columns import NULL, Encoded, Texts, lists, objects, texts, times
from liveprofile.profiles.facts.snapshot import Lifecycle, Membership
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.state.row import Rows


def lifecycles_of(rows: Rows, rules: RuleSet) -> Texts:
    """The states in force; null before the first one, and for one that the rules no longer have."""
    states = Encoded(rules.state_name).all(rows["lifecycle"])
    found = objects(Lifecycle, state=states, since=times(rows["lifecycle_s"].astype(np.int64) * 1000))
    return [NULL if state == NULL else shown for state, shown in zip(states, found, strict=True)]


def segments_of(rows: Rows, rules: RuleSet) -> Texts:
    """The segments with their bits set, in the order of the rules' slots."""
    slots = np.array(sorted(set(rules.slots.values())), dtype=np.int64)
    names = texts(name for slot in slots.tolist() for name in rules.segment_names(1 << slot))
    shown = (rows["member"][:, None] >> slots.astype(np.uint64)) & np.uint64(1) != 0
    memberships = objects(
        Membership,
        name=[names[at] for at in shown.nonzero()[1].tolist()],
        since=times(rows["member_s"][:, slots][shown].astype(np.int64) * 1000),
    )
    return lists(memberships, shown.sum(axis=1))
