"""Arrays in a training state: base64 of little-endian float64, so that they come back exactly."""

from base64 import b64decode, b64encode

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def pack64(numbers: Floats) -> str:
    """An array as text; the reader must know its shape."""
    return b64encode(np.ascontiguousarray(numbers, dtype="<f8").tobytes()).decode("ascii")


def unpack64(text: str, shape: tuple[int, ...]) -> Floats:
    """Decode to a writable array. ValueError for another count of numbers."""
    return np.frombuffer(b64decode(text, validate=True), dtype="<f8").astype(np.float64).reshape(shape)
