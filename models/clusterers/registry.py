"""The clusterers by their names in the configuration."""

from collections.abc import Callable, Mapping
from typing import Any

from liveprofile.models.clusterers.dbstream import DBStream
from liveprofile.models.clusterers.kmeans import KMeans
from liveprofile.models.clusterers.port import Clusterer
from liveprofile.models.clusterers.streamkmeans import StreamKMeans

CLUSTERERS: Mapping[str, Callable[..., Clusterer]] = {
    KMeans.name: KMeans,
    DBStream.name: DBStream,
    StreamKMeans.name: StreamKMeans,
}
"""Every clusterer that can be configured; the contract tests run over all of them."""


def create(name: str, dims: int, **options: Any) -> Clusterer:
    """A new clusterer: `name` is a key of `CLUSTERERS`, `options` go to its constructor. ValueError if one is wrong."""
    if name not in CLUSTERERS:
        raise ValueError(f"clusterer={name!r} is unknown, choose one of {', '.join(sorted(CLUSTERERS))}")
    try:
        return CLUSTERERS[name](dims, **options)
    except TypeError as error:
        raise ValueError(f"clusterer {name}: {error}; options were {sorted(options)}") from error
