"""The adopted model: cluster centres as they came through the log."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class AdoptedModel:
    """Centres (c, k) int16 on the scale of VECTOR_ONE, their stable ids (c,), and the version that facts name."""

    name: str
    version: int
    ids: npt.NDArray[np.int64]
    centres: npt.NDArray[np.int16]
    record: dict[str, Any]
    """The adoption as it stood in the log, to be kept with the state."""

    @property
    def label(self) -> str:
        """Name and version as facts write them, such as kmeans@12."""
        return f"{self.name}@{self.version}"

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AdoptedModel":
        """Read an adoption's `adopted` object. ValueError where its numbers do not fit together."""
        ids = np.asarray(record["ids"], dtype=np.int64)
        centres = np.frombuffer(b64decode(record["centres"]), dtype="<i2").reshape(len(ids), record["k"])
        return cls(record["name"], record["version"], ids, centres.copy(), record)


NO_MODEL = AdoptedModel("none", 0, np.zeros(0, np.int64), np.zeros((0, 1), np.int16), {})
"""Before the first adoption."""
