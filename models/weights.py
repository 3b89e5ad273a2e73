"""A model's weights: found in a local folder, hashed, and read from safetensors as float32."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, deserialize

from liveprofile.models.errors import ModelError

Array = npt.NDArray[np.float32]

WEIGHTS_FILE = "model.safetensors"
BESIDE = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "modules.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
)
"""Optional files of a folder besides config and weights."""
CHUNK = 1 << 20
PREFIXES = ("", "bert.", "roberta.")
"""Prefixes of names: none in a bare encoder, the family's in a model with a head."""


def sha256_of(path: Path) -> str:
    """The file's SHA-256 as 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def find_weights(folder: Path, expected_sha256: str | None = None) -> Path:
    """The weights file in `folder`, with its hash checked where one is expected."""
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        others = ", ".join(sorted(p.name for p in folder.glob("*.bin"))) or "no other weights either"
        raise ModelError(
            f"{path} is missing (found: {others})",
            "Only safetensors are read, never pickles: fetch the model's safetensors, or leave --from out to download "
            "all-MiniLM-L6-v2.",
        )
    if expected_sha256 and (found := sha256_of(path)) != expected_sha256:
        raise ModelError(
            f"{path} has sha256 {found}, expected {expected_sha256}: it is damaged or not the official file",
            "Delete its folder and export again.",
        )
    return path


def read_weights(path: Path) -> dict[str, Array]:
    """All floating point tensors by name without prefix; F16 and BF16 are widened to float32, integers left out."""
    try:
        tensors: list[tuple[str, dict[str, object]]] = deserialize(path.read_bytes())  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise ModelError(f"{path} cannot be read as safetensors ({error})", "Fetch the file again.") from None
    widened = {name: _widen(info) for name, info in tensors if str(info["dtype"]) in ("F32", "F16", "BF16")}
    return without_prefix(widened)


def _widen(info: Mapping[str, object]) -> Array:
    """One tensor as float32. BF16 is the upper half of a float32."""
    data, dtype, shape = info["data"], str(info["dtype"]), info["shape"]
    assert isinstance(data, bytes | bytearray) and isinstance(shape, list)
    if dtype == "BF16":
        flat = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        flat = np.frombuffer(data, "<f4" if dtype == "F32" else "<f2").astype(np.float32)
    return flat.reshape(shape)


def without_prefix(tensors: dict[str, Array]) -> dict[str, Array]:
    """The encoder's tensors under the names of a bare BertModel."""
    for prefix in PREFIXES:
        if f"{prefix}embeddings.word_embeddings.weight" in tensors:
            return {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
    raise ModelError(
        f"the weights hold no embeddings.word_embeddings.weight (found {len(tensors)} tensors, "
        f"such as {', '.join(sorted(tensors)[:3])})",
        "This is not a BERT encoder: choose another model.",
    )
