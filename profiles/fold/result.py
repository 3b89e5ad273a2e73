"""The result of a batch: the output records, and a count of what happened to each activity."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.facts import AnomalyChanged, Fact, ProfileChanged
from liveprofile.profiles.fold.training_examples import Ordinals


@dataclass(slots=True)
class FoldResult:
    """The output of a batch of activities: facts in the order of the log, and counts of activities by result.

    A fact's `record` is what goes on a topic, its `payload` the same as JSON. Every activity is counted once: applied,
    replayed, resent, duplicate, erased or unreadable.

    >>> FoldResult().changes, FoldResult().applied
    ([], 0)
    """

    changes: list[Fact[ProfileChanged]] = field(default_factory=list)
    anomalies: list[Fact[AnomalyChanged]] = field(default_factory=list)
    examples: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Profile id and record, for the learner, in the order of the log."""
    ordinals: Ordinals = field(default_factory=Ordinals, repr=False)
    """The numbers of the examples."""
    pairs: list[npt.NDArray[np.void]] = field(default_factory=list)
    """Items and pairs of consecutive items (n,), see `co_occurrence.PAIR`; in the order of the log."""
    applied: int = 0
    replayed: int = 0
    """Skipped: this partition or profile had applied them already."""
    resent: int = 0
    """Skipped: ingest had written the same input record before."""
    duplicates: int = 0
    """Skipped: the client's event id was among the profile's recent ones."""
    erased: int = 0
    """Dropped: the profile was erased before."""
    suppressed: int = 0
    """Changes that are true but were not due to be published."""
    more_due: bool = False
    """Whether time made more profiles due than the newest tick has fired; the next tick goes on."""
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    """Skipped: offsets of records that cannot be folded, with the reason for each."""
