"""A batch: consecutive activities of the log, without a control record between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.apply import Ints


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
