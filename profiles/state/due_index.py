"""The due times of profiles that are not in memory: about 40 bytes each, so a tick finds those due among millions."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

NEVER = 1 << 62
"""Due time of a profile without timers; new rules can still change it."""
SPARE = 4096
"""Number of stale entries allowed before they are dropped."""

Times = npt.NDArray[np.int64]


class DueIndex:
    """Profile ids and when each is due, epoch milliseconds; of several entries of one profile the last one counts."""

    def __init__(self) -> None:
        self._keys: npt.NDArray[np.bytes_] = np.zeros(0, "S32")
        self._due: Times = np.zeros(0, np.int64)
        self._earliest = NEVER
        self._sorted_out = 0
        """Number of entries after stale ones were last dropped."""

    def __len__(self) -> int:
        """Number of entries, some of which may be stale."""
        return len(self._keys)

    @property
    def earliest_ms(self) -> int:
        """No profile is due before; `NEVER` without entries."""
        return self._earliest

    def add(self, keys: Sequence[bytes], due: Times) -> None:
        """Add the due times of profiles that are not in memory; 0 counts as due at once."""
        if not len(keys):
            return
        self._keys = np.concatenate([self._keys, np.array(keys, "S")])
        self._due = np.concatenate([self._due, due])
        self._earliest = min(self._earliest, int(due.min()))
        if len(self._keys) > 2 * self._sorted_out + SPARE:
            self._sort_out()

    def take(self, until_ms: int, most: int) -> list[bytes]:
        """Remove and return profiles due by then, up to a limit."""
        if self._earliest > until_ms:
            return []
        due = np.flatnonzero(self._due <= until_ms)[:most]
        keys: list[bytes] = list(dict.fromkeys(self._keys[due].tolist()))
        self._keep(np.setdiff1d(np.arange(len(self._keys)), due, assume_unique=True))
        return keys

    def make_all_due(self) -> None:
        """Make all profiles due at once."""
        self._due[:] = 0
        self._earliest = 0 if len(self._due) else NEVER

    def _sort_out(self) -> None:
        """Drop entries with a later entry of the same profile."""
        _, newest = np.unique(self._keys[::-1], return_index=True)
        self._keep(np.sort(len(self._keys) - 1 - newest))
        self._sorted_out = len(self._keys)

    def _keep(self, entries: npt.NDArray[np.intp]) -> None:
        self._keys, self._due = self._keys[entries], self._due[entries]
        self._earliest = int(self._due.min()) if len(self._due) else NEVER
