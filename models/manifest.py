"""The manifest of an exported model folder: its contents, how it was made, and the hash of every file."""

import hashlib
from pathlib import Path
from typing import Self

import msgspec

from liveprofile.models.errors import ModelError

LAYOUT = 2
"""Version of the folder's layout; a folder with another one is exported again."""

MANIFEST_FILE = "manifest.json"
ENCODER_FILE = "encoder.int8.onnx"
REFERENCE_FILE = "encoder.fp32.onnx"
TOKENIZER_FILE = "tokenizer.json"
PROJECTION_FILE = "projection.safetensors"
TOPICS_FILE = "topics.safetensors"

VECTOR_FILES = (ENCODER_FILE, TOKENIZER_FILE, PROJECTION_FILE)
"""The files that decide a text's vector and so the model's id; the float32 graph and the topics do not."""

AGAIN = "Make it again: liveprofile export-model --force"


class Tokens(msgspec.Struct, frozen=True):
    """How a text becomes token ids."""

    tokenizer: str
    """Class name of the tokenizer in transformers."""
    pad_id: int
    max_tokens: int
    """Texts are cut to this length, which includes the two special tokens."""
    prefix: str = ""
    """Added before every text: e5 models need `query: `."""


class Quantisation(msgspec.Struct, frozen=True):
    """How the weights became int8, and the loss of accuracy on texts of the corpus."""

    scheme: str
    reduced_range: bool
    mean_cosine: float
    """Mean cosine of int8 and float32 vectors of the same texts."""
    least_cosine: float
    texts: int


class Fitted(msgspec.Struct, frozen=True):
    """The texts that the projection was fitted on, and the variance that it keeps."""

    corpus: str
    """The first 16 hex digits of the SHA-256 of the corpus' texts."""
    texts: int
    variance_kept: float
    softening: float = 0.0
    """0 for PCA, 1 for whitening."""


class Manifest(msgspec.Struct, frozen=True):
    """The description of an exported model; read with `Manifest.load`."""

    layout: int
    name: str
    source_sha256: str
    """Hash of the model.safetensors that it was made from."""
    recipe: str
    """Fingerprint of all inputs of the export; if it is the same, there is nothing to do."""
    hidden: int
    dims: int
    pooling: str
    tokens: Tokens
    quantisation: Quantisation
    projection: Fitted
    topics: tuple[str, ...]
    versions: dict[str, str]
    files: dict[str, str]
    """SHA-256 by file name."""
    language: str = "en"
    """Of the texts that the projection and the topics were fitted on."""

    @property
    def model_id(self) -> str:
        """Name and a hash of all that decides a vector: two models with one id give the same vectors."""
        parts = [self.files[name] for name in VECTOR_FILES]
        parts += [str(self.tokens.max_tokens), self.tokens.prefix]
        return f"{self.name}-int8@{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:8]}"

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the manifest of `folder`; ModelError with the next step if it is missing or has another layout."""
        path = folder / MANIFEST_FILE
        try:
            manifest = msgspec.json.decode(path.read_bytes(), type=cls)
        except FileNotFoundError:
            raise ModelError(
                f"there is no model in {folder}", f"Make it: liveprofile export-model --out {folder}"
            ) from None
        except msgspec.DecodeError as error:
            raise ModelError(f"{path} cannot be read ({error})", AGAIN) from None
        if manifest.layout != LAYOUT:
            raise ModelError(f"{path} has layout {manifest.layout}, this version reads {LAYOUT}", AGAIN)
        return manifest

    def save(self, folder: Path) -> None:
        """Write the manifest, indented for people."""
        (folder / MANIFEST_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")

    def read(self, folder: Path, name: str) -> bytes:
        """The bytes of one file; their hash is checked."""
        path = folder / name
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            raise ModelError(f"{path} is missing, the manifest lists it", AGAIN) from None
        digest = hashlib.sha256(found).hexdigest()
        if digest != (expected := self.files.get(name)):
            raise ModelError(
                f"{path} has sha256 {digest}, the manifest says {expected}: it was changed or damaged", AGAIN
            )
        return found

    def is_intact(self, folder: Path) -> bool:
        """Whether every file is there with its hash."""
        try:
            for name in self.files:
                self.read(folder, name)
        except ModelError:
            return False
        return True
