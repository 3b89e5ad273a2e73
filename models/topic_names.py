"""The nearest named retail topic of a vector, for texts without a category."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from liveprofile.models import corpus
from liveprofile.models.manifest import TOPICS_FILE, Manifest
from liveprofile.models.projection import unit

Vectors = npt.NDArray[np.float32]

TITLES, QUERIES, SEED = 24, 12, 11
"""Texts per topic; their mean is its prototype: a nearest class mean classifier (Mensink et al., TPAMI 2013)."""

LEAST_COSINE = 0.33
"""Measured with all-MiniLM-L6-v2: 94% of unseen titles and queries of the corpus are above, 90% of them with the
right name; of 30 texts that have nothing to do with goods ("privacy policy", "weather tomorrow") none is."""


class TopicNames:
    """One prototype per named topic; the answer is the nearest one, unless it is too far."""

    def __init__(self, names: Sequence[str], prototypes: Vectors, least_cosine: float = LEAST_COSINE) -> None:
        self.names = tuple(names)
        self._prototypes = prototypes
        self._least_cosine = least_cosine

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The topics of an exported folder; ModelError where they are missing or damaged."""
        manifest = Manifest.load(folder)
        return cls(manifest.topics, load(manifest.read(folder, TOPICS_FILE))["prototypes"])

    @classmethod
    def fit(cls, embed: Callable[[Sequence[str]], Vectors], language: str = corpus.ENGLISH) -> Self:
        """Prototypes of all topics of the corpus under `embed`."""
        names = tuple(corpus.topics(language))
        rows = [embed(prototype_texts(name, language)).mean(axis=0) for name in names]
        return cls(names, unit(np.array(rows, np.float32)))

    def to_bytes(self) -> bytes:
        """The safetensors file; the names are in the manifest."""
        data: bytes = save({"prototypes": self._prototypes})
        return data

    def nearest(self, vectors: npt.NDArray[np.floating] | npt.NDArray[np.integer]) -> list[str | None]:
        """The topic of each row of (n, dims); None where no prototype has the least cosine. Scale does not matter."""
        rows = unit(np.asarray(vectors, np.float32))
        cosines = rows @ self._prototypes.T
        best = cosines.argmax(axis=1)
        near = cosines[np.arange(len(rows)), best] >= self._least_cosine
        return [self.names[index] if good else None for index, good in zip(best.tolist(), near.tolist(), strict=True)]


def prototype_texts(topic: str, language: str = corpus.ENGLISH) -> list[str]:
    """The titles and queries that define `topic`."""
    titles = corpus.sample_titles(topic, TITLES, SEED, language)
    return titles + corpus.sample_queries(topic, QUERIES, SEED, language)
