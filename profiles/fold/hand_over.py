"""Hands over from one generation of a partition's state to the next, at one offset of the log; versions continue.

Both generations have folded the log up to the same record. The identifiers that consumers know, versions and anomaly
ids, come from the old generation; everything else comes from the new one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.partition_state import PartitionState
from liveprofile.profiles.state.row import Rows

ANOMALY_LIFE = (
    "anomaly_s",
    "anomaly_due_ms",
    "anomaly_score",
    "anomaly_count",
    "anomaly_rest_s",
    "anomaly_severity",
    "anomaly_step",
)
"""Which anomalies are open, and the numbers that their ids are made from."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Profiles (n,) that the two generations do not have alike."""

    keys: list[bytes]
    before: Rows
    """As the old generation has them."""
    places: npt.NDArray[np.int64]
    """Where they are in the table of the new one."""


def carry_over_partition(old: PartitionState, new: PartitionState) -> None:
    """Give `new` what it lacks because its log begins later: names, models in force, places folded of the inputs."""
    for digest, text in old.dictionary.known.items():
        new.dictionary.learn(digest, text)
    rules = new.cursor.rules
    for what, model in old.cursor.adopted.items():
        new.cursor.adopted.setdefault(what, model)
    if new.cursor.rules is not rules:
        new.table.due_index.make_all_due()
    for lane, place in old.cursor.sources.items():
        new.cursor.sources[lane] = max(place, new.cursor.sources.get(lane, -1))


def carry_over(old: PartitionState, new: PartitionState, keys: Sequence[bytes]) -> Compared:
    """Carry over what was published of some profiles; returns those that differ in more than that.

    A profile that only `old` has, or that `old` has erased, is taken whole. Doing it again changes nothing.
    """
    before = old.table.rows[old.table.places(keys)]
    places, rows = new.table.places(keys), new.table.rows
    lacking = (before["applied"] >= 0) & (rows["applied"][places] < 0)
    whole = lacking | ((before["erased_ms"] != 0) & (rows["erased_ms"][places] == 0))
    rows[places[whole]] = before[whole]
    unlike = np.flatnonzero(_bytes(before) != _bytes(rows[places]))
    _carry_anomalies(before[unlike], rows, places[unlike])
    new.table.touched[places[whole]] = True
    new.table.touched[places[unlike]] = True
    return Compared([keys[at] for at in unlike.tolist()], before[unlike], places[unlike])


def continue_versions(new: PartitionState, compared: Compared, shown: npt.NDArray[np.bool_]) -> None:
    """Go on with the versions published: the next one where others are `shown` (n,) something else, the same elsewhere.

    So no version, and no id of a fact, is given twice, and whoever follows the versions notices the change as a gap.
    """
    new.table.rows["version"][compared.places] = compared.before["version"] + shown


def _carry_anomalies(before: Rows, rows: Rows, places: npt.NDArray[np.int64]) -> None:
    """Open anomalies stay open until their time is over, under their ids."""
    for name in ANOMALY_LIFE:
        rows[name][places] = before[name]
    ours, theirs = rows["due_ms"][places], before["due_ms"]
    earlier = (theirs != 0) & ((ours == 0) | (theirs < ours))
    rows["due_ms"][places] = np.where(earlier, theirs, ours)


def _bytes(rows: Rows) -> npt.NDArray[np.void]:
    return np.ascontiguousarray(rows).view(f"V{rows.itemsize}")
