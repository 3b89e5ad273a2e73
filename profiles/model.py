"""The adopted model: cluster centres as they came through the log."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.snapshot import read_adoption


@dataclass(frozen=True, slots=True)
class AdoptedModel:
    """Centres (c, k) int16 on the scale of VECTOR_ONE, their stable ids (c,), and the version that facts name."""

    label: str
    """Name and version as facts write them, such as kmeans@12."""
    version: int
    ids: npt.NDArray[np.int64]
    centres: npt.NDArray[np.int16]
    record: dict[str, Any]
    """The adoption as it stood in the log, to be kept with the state."""

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AdoptedModel":
        """Read an adoption's `adopted` object. ValueError where its numbers do not fit together."""
        adopted = read_adoption(record)
        return cls(adopted.label, adopted.version, adopted.ids, adopted.centres, record)


NO_MODEL = AdoptedModel("none", 0, np.zeros(0, np.int64), np.zeros((0, 1), np.int16), {})
"""Before the first adoption."""
