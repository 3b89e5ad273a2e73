"""Remembers the last version of each profile in bounded memory, and tells what the next record of it is."""

from collections import OrderedDict
from enum import Enum, auto


class Step(Enum):
    """What a version is to the one before it."""

    NEXT = auto()
    """The one that follows; or the first that is seen of a profile."""
    REPEAT = auto()
    """One that was seen, or is part of a state that was."""
    GAP = auto()
    """Versions before it are missing."""


class LastVersions:
    """The last version by profile, for at most `limit` profiles: the one that changed longest ago is forgotten first.

    Of a profile that is forgotten, or was never seen, the next version counts as the one that follows: a repeat of it
    is delivered again, a gap before it is not seen. Where the log is known to have lost records, `suspicious` makes
    such a version a gap instead, unless it is the first one there can be.

    >>> known = LastVersions(limit=2)
    >>> known.judge("a", 4), known.set("a", 4), known.judge("a", 4), known.judge("a", 6)
    (<Step.NEXT: 1>, None, <Step.REPEAT: 2>, <Step.GAP: 3>)
    """

    def __init__(self, limit: int, *, suspicious: bool = False) -> None:
        if limit < 1:
            raise ValueError(f"limit is {limit}: remember 1 profile or more")
        self.suspicious = suspicious
        self._limit = limit
        self._last: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._last)

    def last(self, profile_id: str) -> int:
        """The last version of a profile; 0 where it is not known."""
        return self._last.get(profile_id, 0)

    def judge(self, profile_id: str, version: int) -> Step:
        """What this version is."""
        last = self._last.get(profile_id)
        if last is None:
            return Step.GAP if self.suspicious and version > 1 else Step.NEXT
        if version <= last:
            return Step.REPEAT
        return Step.NEXT if version == last + 1 else Step.GAP

    def set(self, profile_id: str, version: int) -> None:
        """This version was delivered."""
        self._last[profile_id] = version
        self._last.move_to_end(profile_id)
        if len(self._last) > self._limit:
            self._last.popitem(last=False)
