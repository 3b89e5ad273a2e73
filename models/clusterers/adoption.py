"""Clusters as an adoption record holds them: ids, centres and names, which is all that assignment needs."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.clusterers.port import Ids, Points
from liveprofile.models.snapshot import SnapshotError


@dataclass(frozen=True, eq=False)
class Clusters:
    """The clusters of one model version."""

    label: str
    """The model's name in output records, such as kmeans@12."""
    version: int
    ids: Ids
    """Shape (c,)."""
    centres: Points
    """Shape (c, k), 32767 for 1.0."""
    names: Mapping[int, str]
    """Names of clusters by id; a cluster has no name if its members have no topics."""


def write_clusters(ids: Ids, centres: Points, names: Mapping[int, str]) -> dict[str, Any]:
    """The fields of an adoption record."""
    return {
        "k": int(centres.shape[1]),
        "ids": ids.tolist(),
        "centres": b64encode(centres.astype("<i2").tobytes()).decode("ascii"),
        "names": [names.get(one) for one in ids.tolist()],
    }


def read_clusters(adopted: Mapping[str, Any]) -> Clusters:
    """Decode an adoption record with its name and version. SnapshotError if its fields do not fit together."""
    try:
        ids = np.array(adopted["ids"], dtype=np.int64)
        flat: npt.NDArray[np.int16] = np.frombuffer(b64decode(adopted["centres"], validate=True), "<i2").astype(
            np.int16
        )
        names = zip(ids.tolist(), adopted.get("names") or [None] * len(ids), strict=True)
        return Clusters(
            label=f"{adopted['name']}@{adopted['version']}",
            version=adopted["version"],
            ids=ids,
            centres=flat.reshape(len(ids), adopted["k"]),
            names={one: str(name) for one, name in names if name},
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SnapshotError(f"not adopted clusters: {error!r}; see liveprofile.models.clusterers.adoption") from error
