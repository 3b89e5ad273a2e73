"""The export: a float32 graph, an int8 graph that is checked against it, projection, topics and manifest."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
from onnx import ModelProto

from liveprofile.models import corpus
from liveprofile.models.calibrate import Ranges, activation_ranges
from liveprofile.models.encoder import Encoder
from liveprofile.models.errors import ModelError
from liveprofile.models.graph_nodes import Nodes
from liveprofile.models.hf_tokenizer import read_tokenizer
from liveprofile.models.manifest import (
    ENCODER_FILE,
    LAYOUT,
    MANIFEST_FILE,
    PROJECTION_FILE,
    REFERENCE_FILE,
    TOKENIZER_FILE,
    TOPICS_FILE,
    Fitted,
    Manifest,
    Quantisation,
    Tokens,
)
from liveprofile.models.onnx_graph import build_graph
from liveprofile.models.projection import Projection
from liveprofile.models.quantise import SCHEME, quantise
from liveprofile.models.recipe import (
    CORPUS_SEED,
    CORPUS_TEXTS,
    LEAST_MEAN_COSINE,
    CheckedRecipe,
    corpus_version,
    library_versions,
)
from liveprofile.models.topic_names import TopicNames
from liveprofile.models.weights import read_weights

Vectors = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]
"""Called with (name of the step, items done, items in all)."""

CHECKED_TEXTS = 1000
"""Texts at the start of the corpus on which int8 and float32 are compared."""
CALIBRATED_TEXTS = 512
"""Texts at the end of the corpus on which the ranges of activations are measured."""


@dataclass(frozen=True)
class _Encoded:
    """An int8 encoder that passed the check, and its embeddings of the corpus."""

    encoder: Encoder
    embeddings: Vectors
    quantisation: Quantisation


def export(checked: CheckedRecipe, out: Path, progress: Progress, *, force: bool = False) -> Manifest:
    """Make the model folder `out`, whole or not at all; return at once if it is up to date and `force` is not set.

    ModelError if the int8 model differs too much from the float32 one, or if `out` holds something that is not a model.
    """
    if not force and checked.is_done(out):
        return Manifest.load(out)
    _refuse_foreign_folder(out)
    work = out.with_name(f"{out.name}.making-{os.getpid()}")
    _sweep(out)
    work.mkdir(parents=True)
    try:
        manifest = _make(checked, work, progress)
        _swap(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _make(checked: CheckedRecipe, work: Path, progress: Progress) -> Manifest:
    """All files of the folder, the manifest last."""
    tokenizer, tokenizer_name, pad_id = read_tokenizer(checked.recipe.source)
    tokens = Tokens(tokenizer_name, pad_id, checked.max_tokens, checked.recipe.prefix)
    (work / TOKENIZER_FILE).write_bytes(tokenizer)
    progress("building the float32 graph", 0, 1)
    weights = read_weights(checked.weights)
    reference = build_graph(checked.config, Nodes(weights))
    (work / REFERENCE_FILE).write_bytes(reference.SerializeToString())
    progress("building the float32 graph", 1, 1)
    language = checked.recipe.language
    texts = corpus.texts(CORPUS_TEXTS, CORPUS_SEED, language)
    original = Encoder(reference.SerializeToString(), tokenizer, tokens, threads=os.cpu_count() or 1)
    ranges = _ranges(reference, original, texts[-CALIBRATED_TEXTS:], progress)

    def int8(reduced: bool) -> Encoder:
        model = quantise(checked.config, weights, ranges, reduced_range=reduced).SerializeToString()
        (work / ENCODER_FILE).write_bytes(model)
        return Encoder(model, tokenizer, tokens, threads=os.cpu_count() or 1)

    encoded = _quantised(original, int8, texts, progress)
    projection = Projection.fit(encoded.embeddings, checked.recipe.dims, checked.recipe.softening)
    (work / PROJECTION_FILE).write_bytes(projection.to_bytes())
    topics = _topics(encoded.encoder, projection, language, progress)
    (work / TOPICS_FILE).write_bytes(topics.to_bytes())
    manifest = Manifest(
        layout=LAYOUT,
        name=checked.name,
        source_sha256=checked.weights_sha256,
        recipe=checked.fingerprint(),
        hidden=checked.config.hidden,
        dims=projection.dims,
        pooling=checked.config.pooling,
        language=language,
        tokens=tokens,
        quantisation=encoded.quantisation,
        projection=Fitted(
            corpus_version(language), len(texts), round(projection.variance_kept, 4), checked.recipe.softening
        ),
        topics=topics.names,
        versions=library_versions(),
        files={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(work.iterdir())},
    )
    manifest.save(work)
    return manifest


def _ranges(reference: ModelProto, original: Encoder, texts: Sequence[str], progress: Progress) -> Ranges:
    """The ranges of the float32 model's activations on `texts`."""
    feeds = [feed for _, feed in original.feeds(texts)]
    return activation_ranges(reference, feeds, lambda done: progress("measuring activations", done, len(feeds)))


def _quantised(
    original: Encoder, int8: Callable[[bool], Encoder], texts: Sequence[str], progress: Progress
) -> _Encoded:
    """The int8 encoder in full range, or in the reduced range for older cores if the full range is too inaccurate."""
    sample = texts[:CHECKED_TEXTS]
    reference = _embeddings(original, sample, "embedding in float32", progress)
    found = []
    for reduced in (False, True):
        encoder = int8(reduced)
        vectors = _embeddings(encoder, texts, "embedding the corpus in int8", progress)
        cosines = (reference * vectors[: len(sample)]).sum(axis=1)
        mean, least = round(float(cosines.mean()), 4), round(float(cosines.min()), 4)
        if mean >= LEAST_MEAN_COSINE:
            return _Encoded(encoder, vectors, Quantisation(SCHEME, reduced, mean, least, len(sample)))
        found.append(mean)
    raise ModelError(
        f"the int8 model's mean cosine to the float32 model is {max(found)} on {len(sample)} texts, "
        f"least {LEAST_MEAN_COSINE}",
        "This model loses too much accuracy in int8: choose another one.",
    )


def _embeddings(encoder: Encoder, texts: Sequence[str], what: str, progress: Progress) -> Vectors:
    """The encoder's embeddings of `texts`."""
    distinct = len(set(texts))
    return encoder.encode(texts, lambda done: progress(what, done, distinct))


def _topics(encoder: Encoder, projection: Projection, language: str, progress: Progress) -> TopicNames:
    """Prototypes of the corpus' topics in the projected space."""
    names = list(corpus.topics(language))
    seen = []

    def embed(texts: Sequence[str]) -> Vectors:
        seen.append(len(texts))
        progress("naming topics", len(seen), len(names))
        return projection.apply(encoder.encode(texts))

    return TopicNames.fit(embed, language)


def _refuse_foreign_folder(out: Path) -> None:
    """Raise unless `out` is missing, empty or a model: an export replaces the folder."""
    if out.exists() and not out.is_dir():
        raise ModelError(f"--out {out} is a file", "Name a folder.")
    if out.exists() and any(out.iterdir()) and not (out / MANIFEST_FILE).exists():
        raise ModelError(
            f"--out {out} holds files that are not a model", "Name an empty folder: they would be deleted."
        )


def _sweep(out: Path) -> None:
    """Remove the leftovers of interrupted exports: their process has ended, or has our own id."""
    for left in out.parent.glob(f"{out.name}.making-*"):
        number = left.name.rpartition("-")[2]
        if number.isdigit() and (int(number) == os.getpid() or not psutil.pid_exists(int(number))):
            shutil.rmtree(left, ignore_errors=True)


def _swap(work: Path, out: Path) -> None:
    """Put the finished folder in its place."""
    old = out.with_name(f"{out.name}.old-{os.getpid()}")
    if out.exists():
        out.rename(old)
    work.rename(out)
    shutil.rmtree(old, ignore_errors=True)
