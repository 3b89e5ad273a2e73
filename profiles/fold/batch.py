"""A batch: consecutive activities of the log, without a control record between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.apply import Ints
from liveprofile.profiles.records.activity import decode_tail


@dataclass(frozen=True, slots=True)
class Batch:
    """Activities (n,) between two records that are controls or unreadable."""

    profiles: Sequence[bytes]
    values: Sequence[bytes]
    heads: npt.NDArray[np.void]
    offsets: Ints

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Batch":
        """The chosen activities (n,)."""
        if chosen.all():
            return self
        places = np.flatnonzero(chosen).tolist()
        profiles, values = [self.profiles[at] for at in places], [self.values[at] for at in places]
        return Batch(profiles, values, self.heads[chosen], self.offsets[chosen])

    def new_names(self, known: dict[int, str], dims: int) -> Iterator[tuple[int, str]]:
        """Digests and texts of topics and brands that are not in `known`, in the order of the log."""
        new: list[tuple[int, str, int]] = []
        for field in ("category", "brand"):
            digests, first = np.unique(self.heads[field], return_index=True)
            for digest, at in zip(digests.tolist(), first.tolist(), strict=True):
                if digest and digest not in known:
                    new.append((at, field, digest))
        for at, field, digest in sorted(new, key=itemgetter(0)):  # stable: for one activity the category comes first
            yield digest, getattr(decode_tail(self.values[at], dims), field) or f"#{digest:08x}"
