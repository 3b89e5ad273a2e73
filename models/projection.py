"""The projection of embeddings to the few dimensions of a profile: PCA, fitted on the corpus, versioned with it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from liveprofile.models.errors import ModelError

Vectors = npt.NDArray[np.float32]

TINY = np.float32(1e-12)


@dataclass(frozen=True)
class Projection:
    """y = (x - mean) components^T, then length 1.

    Without centring, all texts of a shop share one direction, and all their cosines are near 1; the mean removes it.
    Softened components are divided by a power of their deviation, so that the few widest do not decide every cosine.
    Source: PCA by singular value decomposition of the centred rows (Jolliffe, Principal Component Analysis, 2002);
    whitening of sentence embeddings (Huang et al., WhiteningBERT, EMNLP 2021), of which softening is a part.
    """

    mean: Vectors
    """(hidden,) float32."""
    components: Vectors
    """(dims, hidden) float32, orthogonal rows by falling variance, of length 1 unless softened; each row's largest
    entry is positive."""
    variance_kept: float
    """The share of the corpus' variance in the kept dimensions, 0 to 1."""

    @property
    def dims(self) -> int:
        """Dimensions after the projection."""
        return len(self.components)

    @classmethod
    def fit(cls, embeddings: Vectors, dims: int, softening: float = 0.0) -> Self:
        """Fit on (texts, hidden) embeddings; ModelError unless 1 <= dims <= hidden and there are texts enough.

        Each component is divided by its deviation to the power of `softening`: 0 is PCA, 1 is whitening.
        """
        texts, hidden = embeddings.shape
        if not 1 <= dims <= hidden:
            raise ModelError(
                f"dims = {dims}, allowed 1 to {hidden}, the model's own dimensions", "Choose --dims within."
            )
        if texts <= dims:
            raise ModelError(f"{texts} texts cannot fit dims = {dims} dimensions", "Fit on more texts.")
        mean = embeddings.mean(axis=0, dtype=np.float64)
        _, spread, rows = np.linalg.svd(embeddings.astype(np.float64) - mean, full_matrices=False)
        rows = rows[:dims] * np.sign(rows[np.arange(dims), np.abs(rows[:dims]).argmax(axis=1)])[:, None]
        kept = float((spread[:dims] ** 2).sum() / (spread**2).sum())
        if softening:
            rows = rows / np.maximum(spread[:dims, None] / spread[0], TINY) ** softening
        return cls(mean.astype(np.float32), np.ascontiguousarray(rows, np.float32), kept)

    def apply(self, embeddings: Vectors) -> Vectors:
        """(n, dims) float32 rows of length 1; a row equal to the mean stays zero."""
        return unit(np.matmul(embeddings - self.mean, self.components.T, dtype=np.float32))

    def to_bytes(self) -> bytes:
        """The safetensors file."""
        kept = np.array([self.variance_kept])
        data: bytes = save({"mean": self.mean, "components": self.components, "variance_kept": kept})
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The reverse of `to_bytes`."""
        tensors = load(data)
        return cls(tensors["mean"], tensors["components"], float(tensors["variance_kept"][0]))


def unit(rows: Vectors) -> Vectors:
    """Rows divided by their length; zeros stay zeros.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)).round(3).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = (rows / np.maximum(lengths, TINY)).astype(np.float32, copy=False)
    return scaled
