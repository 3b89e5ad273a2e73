"""An exported model as the stream runs it, for evaluation after training: float32, int8, projected; speed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from liveprofile.models.encoder import Encoder
from liveprofile.models.export import Progress, export
from liveprofile.models.manifest import ENCODER_FILE, PROJECTION_FILE, REFERENCE_FILE, TOKENIZER_FILE
from liveprofile.models.projection import Projection
from liveprofile.models.recipe import Recipe, check_recipe
from liveprofile.models.train.judge import Judge, Ranks

Vectors = npt.NDArray[np.float32]

REPEATS = 3
SPEED_TEXTS = 1000


@dataclass(frozen=True)
class Exported:
    """The encoders of an exported folder, on one thread, and its projection."""

    model_id: str
    reference: Encoder
    """The float32 graph."""
    encoder: Encoder
    """The int8 one, which runs in the stream."""
    projection: Projection

    @classmethod
    def make(cls, recipe: Recipe, out: Path, on_progress: Progress) -> Self:
        """Export to `out`, unless it is up to date, and load it."""
        manifest = export(check_recipe(recipe), out, on_progress)
        tokenizer = manifest.read(out, TOKENIZER_FILE)
        reference, encoder = (
            Encoder(manifest.read(out, name), tokenizer, manifest.tokens) for name in (REFERENCE_FILE, ENCODER_FILE)
        )
        projection = Projection.from_bytes(manifest.read(out, PROJECTION_FILE))
        return cls(manifest.model_id, reference, encoder, projection)

    def projected(self, texts: Sequence[str]) -> Vectors:
        """(n, dims) unit rows, as in profiles."""
        return self.projection.apply(self.encoder.encode(texts))

    def ranks(self, judge: Judge) -> dict[str, Ranks]:
        """Ranks of the positives with the float32 graph, with int8, and with int8 after the projection."""
        return {
            "float32": judge.ranks(self.reference.encode),
            "int8": judge.ranks(self.encoder.encode),
            "projected": judge.ranks(self.projected),
        }

    def texts_per_s(self, texts: Sequence[str]) -> float:
        """Distinct texts embedded in a second on one thread, the best of a few runs."""
        distinct = list(dict.fromkeys(texts))
        return round(len(distinct) / min(self._seconds(distinct) for _ in range(REPEATS)), 1)

    def _seconds(self, texts: Sequence[str]) -> float:
        began = time.perf_counter()
        self.projected(texts)
        return time.perf_counter() - began


def speeds(base: Exported, made: Exported, texts: Sequence[str]) -> dict[str, float]:
    """Texts a second of both models, `before` and `after`, on the first of the texts."""
    return {"before": base.texts_per_s(texts[:SPEED_TEXTS]), "after": made.texts_per_s(texts[:SPEED_TEXTS])}


def compared(base: Exported, made: Exported, judge: Judge, seed: int) -> dict[str, Any]:
    """The judge's figures `before` and `after`, and the gain with bootstrap intervals drawn by `seed`."""
    before, after = base.ranks(judge), made.ranks(judge)
    return {
        "before": {kind: judge.figures(ranks) for kind, ranks in before.items()},
        "after": {kind: judge.figures(ranks) for kind, ranks in after.items()},
        "gain": {kind: judge.gain(before[kind], after[kind], seed) for kind in before},
    }
