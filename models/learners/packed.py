"""Arrays as text: float64 in training states, which come back exactly, and float16 in what is adopted."""

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


def pack(numbers: Floats) -> str:
    """Numbers as base64 of little-endian float16: off by a twentieth of a percent, which no chance shows."""
    return b64encode(np.clip(numbers, -60_000, 60_000).astype("<f2").tobytes()).decode("ascii")


def unpack(text: str, shape: tuple[int, ...]) -> Floats:
    """The other way. ValueError for another count of numbers."""
    return np.frombuffer(b64decode(text, validate=True), dtype="<f2").astype(float).reshape(shape)
