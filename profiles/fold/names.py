"""Learns the names of a batch, and gives its activities the numbers of their names."""

from collections.abc import Collection
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.batch import Batch
from liveprofile.profiles.records.activity import Action, decode_tail
from liveprofile.profiles.state.dictionary import MONTH_MS, Dictionary

FIELDS = ("category", "brand")
DECLARING = (Action.DECLARE, Action.CORRECT)
"""Actions whose category is the shopper's own words."""
_CHECK_SHIFT = np.uint64(32)


def learn_names(batch: Batch, dictionary: Dictionary, dims: int) -> None:
    """Learn the topics and brands of a batch, in the order of the log; where a name has another number than its digest,
    the activities are changed to have that number."""
    heads = batch.heads
    months = heads["event_time_ms"] // MONTH_MS
    declared = np.isin(heads["action"], DECLARING)
    found = [_Names(batch, name, months, declared) for name in FIELDS]
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

    def __init__(self, batch: Batch, name: str, months: npt.NDArray[np.int64], declared: npt.NDArray[np.bool_]) -> None:
        self._batch, self._field, self._months, self._declared = batch, name, months, declared
        heads = batch.heads
        keys = heads[f"{name}_check"].astype(np.uint64) << _CHECK_SHIFT | heads[name]
        distinct, first, self._of = np.unique(keys, return_index=True, return_inverse=True)
        digests, checks = (distinct & np.uint64(0xFFFFFFFF)).tolist(), (distinct >> _CHECK_SHIFT).tolist()
        self.listed: list[tuple[int, int, int]] = list(zip(first.tolist(), digests, checks, strict=True))
        """Place of the first activity, digest and check of each name, in the order of the keys."""
        self._one_month = int(months[0]) if len(months) and months.min() == months.max() else None
        self._all_public = name != "category" or not declared.any()

    def month(self, index: int) -> int:
        """The newest month in which the batch uses a name."""
        return self._one_month if self._one_month is not None else int(self._months[self._of == index].max())

    def owners(self, index: int) -> Collection[str] | None:
        """The profiles that declare a name in the batch; None if anything else uses it."""
        if self._all_public:
            return None
        mine = self._of == index
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
                mine = self._of == index
                heads[self._field][mine] = number
                if self._field == "category":
                    heads["value"][mine & self._declared & (heads["value"] == digest)] = number
