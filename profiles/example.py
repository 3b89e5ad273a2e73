"""The example record: what a profile that changed gives the learner, drawn as bytes.

The key is the profile id. The value is fixed size, little-endian, see `example_dtype`: where in `activity` the change
came from, when, and the long interest cut to the clusterer's dimensions. No texts, nothing that names a person.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

LAYOUT = 1
"""Version of the layout, the first byte of every record; a change of meaning gets a new number."""


@lru_cache(maxsize=8)
def example_dtype(dims: int) -> np.dtype[np.void]:
    """The layout for `dims` dimensions, unaligned."""
    return np.dtype(
        [
            ("layout", "u1"),  # LAYOUT
            ("dims", "<u2"),  # dimensions of the vector
            ("partition", "<u2"),  # partition of activity
            ("offset", "<i8"),  # offset in that partition: with it, the coordinate that tells a repeat
            ("event_time_ms", "<i8"),  # when what changed the profile happened, epoch milliseconds
            ("version", "<u4"),  # the profile's version after the change
            ("vector", "<i2", (dims,)),  # first dims of the unit long-interest vector times VECTOR_ONE
        ]
    )


def encode(
    vectors: npt.NDArray[np.int16],
    *,
    partition: int,
    offsets: npt.NDArray[np.int64],
    event_times_ms: npt.NDArray[np.int64],
    versions: npt.NDArray[np.uint32],
) -> list[bytes]:
    """Records of n examples of one partition of `activity`: vectors (n, dims), the others (n,).

    Send them in ascending order of `offsets`: the learner takes an offset that is not above the last one for a repeat.
    """
    rows = np.zeros(len(vectors), dtype=example_dtype(vectors.shape[1]))
    rows["layout"], rows["dims"], rows["partition"] = LAYOUT, vectors.shape[1], partition
    rows["offset"], rows["event_time_ms"], rows["version"] = offsets, event_times_ms, versions
    rows["vector"] = vectors
    size, data = rows.itemsize, rows.tobytes()
    return [data[at : at + size] for at in range(0, len(data), size)]


def decode(values: Sequence[bytes | None], dims: int) -> tuple[npt.NDArray[np.void], npt.NDArray[np.bool_]]:
    """Examples as a structured array of shape (len(values),), and which of them are readable: the others are zeros."""
    layout = example_dtype(dims)
    blank = bytes(layout.itemsize)
    whole = [value if value is not None and len(value) == layout.itemsize else blank for value in values]
    rows = np.frombuffer(b"".join(whole), dtype=layout)
    return rows, (rows["layout"] == LAYOUT) & (rows["dims"] == dims)
