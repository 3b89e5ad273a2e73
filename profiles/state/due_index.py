"""The due times of profiles that are not in memory: about 40 bytes each, so a tick finds those due among millions."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

NEVER = 1 << 62
"""Due time of a profile that no time changes; new rules may."""
SPARE = 4096
"""Entries that may be out of date before they are sorted out."""

Times = npt.NDArray[np.int64]


class DueIndex:
    """Profile ids and when each is due, epoch milliseconds; of several entries of one profile the last one counts."""

    def __init__(self) -> None:
        self._keys: npt.NDArray[np.bytes_] = np.zeros(0, "S32")
        self._due: Times = np.zeros(0, np.int64)
        self._earliest = NEVER
        self._sorted_out = 0
        """How many entries were left when they were last sorted out."""

    def __len__(self) -> int:
        """Entries, some of which may be out of date."""
        return len(self._keys)

    def detection(self, keys: Sequence[bytes], due: Times) -> None:
        """Remember when profiles are due that leave memory, or that were never there; 0 counts as due at once."""
        if not len(keys):
            return
        self._keys = np.concatenate([self._keys, np.array(keys, "S")])
        self._due = np.concatenate([self._due, due])
        self._earliest = min(self._earliest, int(due.min()))
        if len(self._keys) > 2 * self._sorted_out + SPARE:
            self._sort_out()

    def take(self, until_ms: int, most: int) -> list[bytes]:
        """At most so many profiles that are due by then; they count as not away any more."""
        if self._earliest > until_ms:
            return []
        due = np.flatnonzero(self._due <= until_ms)[:most]
        keys: list[bytes] = list(dict.fromkeys(self._keys[due].tolist()))
        self._keep(np.setdiff1d(np.arange(len(self._keys)), due, assume_unique=True))
        return keys

    def make_all_due(self) -> None:
        """All are to be looked at again."""
        self._due[:] = 0
        self._earliest = 0 if len(self._due) else NEVER

    def _sort_out(self) -> None:
        """Drop what later entries of the same profile have made out of date."""
        _, newest = np.unique(self._keys[::-1], return_index=True)
        self._keep(np.sort(len(self._keys) - 1 - newest))
        self._sorted_out = len(self._keys)

    def _keep(self, entries: npt.NDArray[np.intp]) -> None:
        self._keys, self._due = self._keys[entries], self._due[entries]
        self._earliest = int(self._due.min()) if len(self._due) else NEVER
