"""Folding a few activities of one shopper, as unit tests of the core do."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.kernel.policy import Policy
from support.activities import DIMS

POLICY = Policy(dims=DIMS)
USER = b"0123456789abcdef0123456789abcdef"


class Shopper:
    """One shopper's profile, told record by record."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.fold = Fold(policy)
        self.published: list[Any] = []
        self.anomalies: list[Any] = []
        self._offset = 0

    def does(self, *records: bytes) -> FoldResult:
        """Fold records, ticks and adoptions among them, and keep the facts' records."""
        offsets = range(self._offset, self._offset + len(records))
        self._offset += len(records)
        result = self.fold.apply([USER] * len(records), list(records), offsets)
        self.published += [fact.record for fact in result.changes]
        self.anomalies += [fact.record for fact in result.anomalies]
        return result

    @property
    def row(self) -> np.void:
        """The profile."""
        return self.fold.table.row(USER)

    @property
    def snapshot(self) -> ProfileSnapshot:
        """The profile as everybody may see it."""
        (taken,) = self.fold.snapshots([USER], "EUR")
        assert taken is not None, "it is erased"
        return taken

    def on(self, path: str) -> list[Any]:
        """The changes said on a path, in order."""
        return [change for record in self.published for change in record.changes if change.path == path]

    def steps(self, kind: str) -> list[str]:
        """What became of the anomalies of a kind, in order."""
        return [one.state for one in self.anomalies if one.kind == kind]


def codes(changes: Sequence[Any]) -> list[str]:
    """The reasons of changes."""
    return [change.reason.code.value for change in changes]
