"""Learns the names of a batch, and gives its activities the numbers of their names."""

from collections.abc import Collection
from functools import cached_property
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.batch import Batch
from liveprofile.profiles.fold.survey import Survey
from liveprofile.profiles.records.activity import Action, decode_tail
from liveprofile.profiles.state.dictionary import MONTH_MS, Dictionary

FIELDS = ("category", "brand")
DECLARING = (Action.DECLARE, Action.CORRECT)
"""Actions whose category is the shopper's own words."""
_CHECK_BITS, _DIGEST = 32, 0xFFFFFFFF
_CHECK_SHIFT = np.uint64(_CHECK_BITS)


def learn_names(batch: Batch, dictionary: Dictionary, dims: int, look: Survey) -> None:
    """Learn the topics and brands of a batch, in the order of the log; where a name has another number than its digest,
    the activities are changed to have that number."""
    found = [_Names(batch, name, look) for name in FIELDS]
    new = [
        (at, place, index)
        for place, one in enumerate(found)
        for index, (at, digest, check) in enumerate(one.listed)
        if digest and dictionary.find(digest, check) is None
    ]
    for at, place, index in sorted(new, key=itemgetter(0)):  # stable: for one activity the category comes first
        _, digest, check = found[place].listed[index]
        text = getattr(decode_tail(batch.values[at], dims), FIELDS[place])
        known = check if text else 0
        owners = found[place].owners(index)
        dictionary.learn(digest, text or f"#{digest:08x}", known, found[place].month(index), owners)
    for one in found:
        one.number(dictionary)


class _Names:
    """The distinct names in one field of a batch."""

    def __init__(self, batch: Batch, name: str, look: Survey) -> None:
        self._batch, self._field, self._look = batch, name, look
        self._keys = batch.heads[f"{name}_check"].astype(np.uint64) << _CHECK_SHIFT | batch.heads[name]
        keys = self._keys.tolist()
        first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
        self.listed = [(first[key], key & _DIGEST, key >> _CHECK_BITS) for key in sorted(first)]
        """Place of the first activity, digest and check of each name, in the order of the keys."""

    def month(self, index: int) -> int:
        """The newest month in which the batch uses a name."""
        latest = self._look.latest_ms // MONTH_MS
        if self._look.earliest_ms // MONTH_MS == latest:
            return latest
        return int(self._batch.heads["event_time_ms"][self._uses(index)].max()) // MONTH_MS

    def owners(self, index: int) -> Collection[str] | None:
        """The profiles that declare a name in the batch; None if anything else uses it."""
        if self._field != "category" or not self._look.statements:
            return None
        mine = self._uses(index)
        if not self._declared[mine].all():
            return None
        return {self._batch.profiles[at].decode("ascii", "replace") for at in np.flatnonzero(mine).tolist()}

    def number(self, dictionary: Dictionary) -> None:
        """Note the uses, and write numbers that are not digests into the activities."""
        heads = self._batch.heads
        for index, (_, digest, check) in enumerate(self.listed):
            number = dictionary.find(digest, check) if digest else None
            if number is None:
                continue
            dictionary.use(number, self.month(index), self.owners(index))
            if number != digest:
                mine = self._uses(index)
                heads[self._field][mine] = number
                if self._field == "category":
                    heads["value"][mine & self._declared & (heads["value"] == digest)] = number

    def _uses(self, index: int) -> npt.NDArray[np.bool_]:
        """Which activities (n,) have the name."""
        _, digest, check = self.listed[index]
        found: npt.NDArray[np.bool_] = self._keys == np.uint64(check << _CHECK_BITS | digest)
        return found

    @cached_property
    def _declared(self) -> npt.NDArray[np.bool_]:
        """Which activities (n,) are the shopper's own words."""
        return np.isin(self._batch.heads["action"], DECLARING)
