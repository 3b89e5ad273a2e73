"""int8 against float32: texts embedded per second on one thread, in the same run, and how close the vectors are."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models import corpus
from models.encoder import Encoder
from models.manifest import ENCODER_FILE, REFERENCE_FILE, TOKENIZER_FILE, Manifest

MODEL_FOLDER = Path(".liveprofile/model")
TEXTS, SEED = 512, 3
"""Distinct titles and queries of the project's shop corpus; another seed than the export's own check."""
CHUNK = 64
"""Texts that one model embeds before the other one's turn: short turns, so that a busy moment hits both alike."""
REPEATS = 7


def run(as_json_progress: Callable[[str], None], model_folder: Path = MODEL_FOLDER) -> dict[str, Any]:
    """Embed the same texts with both models in short turns, REPEATS times, and take each turn's median.

    ModelError says how to make the model where there is none.
    """
    manifest = Manifest.load(model_folder)
    tokenizer = manifest.read(model_folder, TOKENIZER_FILE)
    encoders = {
        name: Encoder(manifest.read(model_folder, file), tokenizer, manifest.tokens, threads=1)
        for name, file in (("int8", ENCODER_FILE), ("fp32", REFERENCE_FILE))
    }
    texts = list(dict.fromkeys(corpus.texts(2 * TEXTS, SEED)))[:TEXTS]
    vectors = {name: encoder.encode(texts) for name, encoder in encoders.items()}
    chunks = [texts[start : start + CHUNK] for start in range(0, TEXTS, CHUNK)]
    seconds: dict[str, list[list[float]]] = {name: [[] for _ in chunks] for name in encoders}
    for repeat in range(REPEATS):
        as_json_progress(f"embedding {TEXTS} texts with int8 and fp32, {repeat + 1} of {REPEATS}")
        for at, chunk in enumerate(chunks):
            for name, encoder in encoders.items():
                seconds[name][at].append(_seconds(encoder, chunk))
    cosines = np.sum(vectors["int8"] * vectors["fp32"], axis=1)
    rates = {name: TEXTS / sum(map(statistics.median, turns)) for name, turns in seconds.items()}
    return _figures(manifest.model_id, rates["int8"], rates["fp32"], cosines)


def _seconds(encoder: Encoder, texts: list[str]) -> float:
    """How long the texts take, tokenizing included."""
    started = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - started


def _figures(model_id: str, int8: float, fp32: float, cosines: Any) -> dict[str, Any]:
    """What the benchmark reports."""
    return {
        "model": model_id,
        "texts": TEXTS,
        "repeats": REPEATS,
        "threads": 1,
        "int8_texts_per_s": round(int8, 1),
        "fp32_texts_per_s": round(fp32, 1),
        "ratio": round(int8 / fp32, 2),
        "mean_cosine": round(float(cosines.mean()), 4),
        "least_cosine": round(float(cosines.min()), 4),
    }
