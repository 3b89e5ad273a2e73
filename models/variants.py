"""Variants of an exported model for ablations: other dimensions, or no quantisation."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from liveprofile.models import corpus
from liveprofile.models.embedder import Embedder
from liveprofile.models.encoder import Encoder
from liveprofile.models.manifest import (
    ENCODER_FILE,
    MANIFEST_FILE,
    PROJECTION_FILE,
    REFERENCE_FILE,
    TOKENIZER_FILE,
    TOPICS_FILE,
    Manifest,
)
from liveprofile.models.projection import Projection
from liveprofile.models.recipe import CORPUS_SEED, CORPUS_TEXTS
from liveprofile.models.topic_names import TopicNames

AT_ONCE = 256
"""Texts of the corpus embedded at once."""


def with_dims(source: Path, out: Path, dims: int) -> Manifest:
    """Write the model of `source` into `out` with another number of dimensions.

    Fewer dimensions are the first ones of the model, because they are sorted by variance. For more, the projection is
    fitted again on the corpus. ModelError for more than the encoder has.
    """
    manifest = Manifest.load(source)
    _copy(manifest, source, out, ENCODER_FILE)
    projection = Projection.from_bytes(manifest.read(source, PROJECTION_FILE))
    if dims <= projection.dims:
        projection = Projection(projection.mean, projection.components[:dims], projection.variance_kept)
    else:
        projection = Projection.fit(_corpus_embeddings(manifest, source), dims, manifest.projection.softening)
    (out / PROJECTION_FILE).write_bytes(projection.to_bytes())
    return _seal(out, msgspec.structs.replace(manifest, dims=dims))


def in_float32(source: Path, out: Path) -> Manifest:
    """Write the model of `source` into `out` with the float32 graph instead of the int8 graph."""
    manifest = Manifest.load(source)
    _copy(manifest, source, out, REFERENCE_FILE)
    return _seal(out, manifest)


def _copy(manifest: Manifest, source: Path, out: Path, encoder: str) -> None:
    """Copy the files that decide vectors, `encoder` under the name that the embedder reads."""
    out.mkdir(parents=True)
    for name in (TOKENIZER_FILE, PROJECTION_FILE, encoder):
        (out / ENCODER_FILE if name == encoder else out / name).write_bytes(manifest.read(source, name))


def _corpus_embeddings(manifest: Manifest, folder: Path) -> npt.NDArray[np.float32]:
    """Embeddings of the texts that the projection was fitted on."""
    model, tokenizer = manifest.read(folder, ENCODER_FILE), manifest.read(folder, TOKENIZER_FILE)
    return _in_parts(
        Encoder(model, tokenizer, manifest.tokens), corpus.texts(CORPUS_TEXTS, CORPUS_SEED, manifest.language)
    )


def _in_parts(encoder: Encoder, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    return np.concatenate([encoder.encode(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)])


def _seal(out: Path, manifest: Manifest) -> Manifest:
    """Fit the topics to the new vectors, and write a manifest with the files' hashes."""
    _with_hashes(out, manifest).save(out)
    (out / TOPICS_FILE).write_bytes(TopicNames.fit(Embedder.load(out).embed, manifest.language).to_bytes())
    sealed = _with_hashes(out, manifest)
    sealed.save(out)
    return sealed


def _with_hashes(out: Path, manifest: Manifest) -> Manifest:
    files = [path for path in sorted(out.iterdir()) if path.name != MANIFEST_FILE]
    return msgspec.structs.replace(
        manifest, files={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    )
