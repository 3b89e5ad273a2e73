"""The embedder of the stream: loads a checked model folder and maps texts to unit vectors of a profile's dimensions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from liveprofile.models.encoder import Encoder
from liveprofile.models.manifest import ENCODER_FILE, PROJECTION_FILE, TOKENIZER_FILE, Manifest
from liveprofile.models.projection import Projection


class Embedder:
    """Texts to (n, dims) float32 unit rows.

    A text's vector does not depend on the other texts of its batch, except for rounding in float32 (about 2e-7).
    Not thread-safe: meant for one executor thread.
    """

    def __init__(self, encoder: Encoder, projection: Projection, model_id: str) -> None:
        self._encoder = encoder
        self._projection = projection
        self.model_id = model_id
        self.dims = projection.dims

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> Self:
        """Load an exported folder on `threads` cores; ModelError where a file is missing or damaged."""
        manifest = Manifest.load(folder)
        model, tokenizer = manifest.read(folder, ENCODER_FILE), manifest.read(folder, TOKENIZER_FILE)
        projection = Projection.from_bytes(manifest.read(folder, PROJECTION_FILE))
        encoder = Encoder(model, tokenizer, manifest.tokens, threads=threads)
        return cls(encoder, projection, manifest.model_id)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dims) float32 rows of length 1, in the order of `texts`; equal texts get equal rows."""
        return self._projection.apply(self._encoder.encode(texts))
