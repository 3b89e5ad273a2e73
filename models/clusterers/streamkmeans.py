"""k-means of chunks with a second k-means over their centres; order within a chunk does not matter."""

from typing import Any

import numpy as np

from liveprofile.models.clusterers.kmeans import KMeans
from liveprofile.models.clusterers.port import Ids, Points, State, require_same, require_shape


class StreamKMeans:
    """STREAM (O'Callaghan et al., ICDE 2002): each chunk is clustered alone, and a second k-means learns its centres.

    River starts both from random centres, far from unit vectors, at every chunk. Here both are `KMeans` of this
    package, which starts from examples.

    Parameters
    ----------
    dims
        Dimensions of a point.
    clusters
        Largest number of centres.
    chunk
        Examples that are clustered together, at least `clusters`.
    chunks
        Number of latest chunks; their centres are clustered.
    seed
        Seed of the choice of first centres.
    first_id
        The id of the first centre.

    Ids are `first_id` plus the centre's index.
    """

    name = "streamkmeans"

    def __init__(
        self, dims: int, *, clusters: int = 16, chunk: int = 200, chunks: int = 5, seed: int = 7, first_id: int = 0
    ) -> None:
        if chunk < clusters:
            raise ValueError(f"streamkmeans: chunk={chunk}, clusters={clusters}; a chunk has at least as many examples")
        self.dims, self._chunk_size = dims, chunk
        self._parameters = {"dims": dims, "clusters": clusters, "chunk": chunk, "chunks": chunks, "seed": seed}
        self._chunk: list[list[int]] = []
        memory = chunks * clusters
        self._top = KMeans(
            dims, clusters=clusters, warmup=clusters, memory=memory, every=clusters, seed=seed, first_id=first_id
        )

    @property
    def next_id(self) -> int:
        """One more than the last id reserved for the centres."""
        return self._top.next_id

    def learn(self, x: Points) -> None:
        """Learn one example of shape (dims,): it waits until its chunk is full."""
        require_shape(x, self.dims)
        self._chunk.append(x.tolist())
        if len(self._chunk) == self._chunk_size:
            self._learn_chunk()

    def _learn_chunk(self) -> None:
        clusters, seed = int(self._parameters["clusters"]), int(self._parameters["seed"])
        chunk = KMeans(self.dims, clusters=clusters, warmup=self._chunk_size, seed=seed)
        for point in self._chunk:
            chunk.learn(np.array(point, dtype=np.int16))
        for centre in chunk.centres()[1]:
            self._top.learn(centre)
        self._chunk = []

    def centres(self) -> tuple[Ids, Points]:
        """Ids and centres (c, dims); empty before there are enough chunks."""
        return self._top.centres()

    def snapshot(self) -> dict[str, Any]:
        """Parameters, the incomplete chunk, and the k-means over centres."""
        chunk = [list(point) for point in self._chunk]
        return {"name": self.name, "parameters": dict(self._parameters), "chunk": chunk, "top": self._top.snapshot()}

    def restore(self, state: State) -> None:
        """Go on from a snapshot."""
        require_same(self.name, self._parameters, state)
        self._chunk = [list(point) for point in state["chunk"]]
        self._top.restore(state["top"])
