"""Clusters as an adoption carries them: ids, centres and names, all that is needed to assign."""

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
    """Which clusters there are and where."""

    label: str
    """What facts call the model, such as kmeans@12."""
    version: int
    ids: Ids
    """Shape (c,)."""
    centres: Points
    """Shape (c, k), 32767 for 1.0."""
    names: Mapping[int, str]
    """What the clusters are called, by id; none for a cluster whose members have no topics."""


def write_clusters(ids: Ids, centres: Points, names: Mapping[int, str]) -> dict[str, Any]:
    """The numbers of an adoption."""
    return {
        "k": int(centres.shape[1]),
        "ids": ids.tolist(),
        "centres": b64encode(centres.astype("<i2").tobytes()).decode("ascii"),
        "names": [names.get(one) for one in ids.tolist()],
    }


def read_clusters(adopted: Mapping[str, Any]) -> Clusters:
    """The other way, with the name and version that an adoption has. SnapshotError when they do not fit together."""
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
