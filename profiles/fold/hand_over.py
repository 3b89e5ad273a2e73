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
"""Fields of open anomalies, and the numbers that their ids are made from."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Profiles (n,) that differ between the two generations."""

    keys: list[bytes]
    before: Rows
    """Their rows in the old generation."""
    places: npt.NDArray[np.int64]
    """Their places in the table of the new generation."""


def carry_over_partition(old: PartitionState, new: PartitionState) -> None:
    """Give `new` the names, models in force and input positions that it lacks because its log begins later."""
    for one in old.dictionary.names.values():
        new.dictionary.learn(one.digest, one.text, one.check, one.month, one.owners)
    rules = new.cursor.rules
    for what, model in old.cursor.adopted.items():
        new.cursor.adopted.setdefault(what, model)
    if new.cursor.rules is not rules:
        new.table.due_index.make_all_due()
    for lane, place in old.cursor.sources.items():
        new.cursor.reach(lane, place)


def carry_over(old: PartitionState, new: PartitionState, keys: Sequence[bytes]) -> Compared:
    """Carry over the published state of some profiles; returns those that also differ otherwise.

    A profile that only `old` has, or that `old` has erased, is copied whole. A second call changes nothing.
    """
    left = old.table.places(keys)
    before, ledgers = old.table.rows[left], old.table.ledgers.read(left)
    places, rows = new.table.places(keys), new.table.rows
    lacking = (before["applied"] >= 0) & (rows["applied"][places] < 0)
    whole = lacking | ((before["erased_ms"] != 0) & (rows["erased_ms"][places] == 0))
    new.table.put(places[whole], before[whole], ledgers[whole])
    unlike = np.flatnonzero(_bytes(before) != _bytes(rows[places]))
    _carry_anomalies(before[unlike], rows, places[unlike])
    new.table.touched[places[whole]] = True
    new.table.touched[places[unlike]] = True
    return Compared([keys[at] for at in unlike.tolist()], before[unlike], places[unlike])


def continue_versions(new: PartitionState, compared: Compared, shown: npt.NDArray[np.bool_]) -> None:
    """Continue the published versions: the next version for profiles that are `shown` (n,) changed, else the same.

    So no version and no fact id is used twice, and a consumer that follows the versions detects the change as a gap.
    """
    new.table.rows["version"][compared.places] = compared.before["version"] + shown


def _carry_anomalies(before: Rows, rows: Rows, places: npt.NDArray[np.int64]) -> None:
    """Open anomalies stay open until their due time, and keep their ids."""
    for name in ANOMALY_LIFE:
        rows[name][places] = before[name]
    ours, theirs = rows["due_ms"][places], before["due_ms"]
    earlier = (theirs != 0) & ((ours == 0) | (theirs < ours))
    rows["due_ms"][places] = np.where(earlier, theirs, ours)


def _bytes(rows: Rows) -> npt.NDArray[np.void]:
    return np.ascontiguousarray(rows).view(f"V{rows.itemsize}")
