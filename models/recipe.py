"""The inputs of an export, with a fingerprint: a folder with the same fingerprint is up to date."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from liveprofile.models.bert_config import BertConfig, read_bert_config
from liveprofile.models.corpus import ENGLISH, LANGUAGES
from liveprofile.models.errors import ModelError
from liveprofile.models.manifest import LAYOUT, Manifest
from liveprofile.models.weights import find_weights, sha256_of

OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""model.safetensors of sentence-transformers/all-MiniLM-L6-v2."""
OFFICIAL_NAME = "minilm-l6"

DIMS = 128
MAX_TOKENS = 128
CORPUS_TEXTS, CORPUS_SEED = 8000, 20
LEAST_MEAN_COSINE = 0.99
"""Least mean cosine of int8 and float32 vectors; a worse int8 model is refused."""

TOKENIZER_SOURCES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json")
MAKERS = (
    "graph_nodes.py",
    "onnx_graph.py",
    "calibrate.py",
    "quantise.py",
    "projection.py",
    "topic_names.py",
    "hf_tokenizer.py",
    "encoder.py",
    "export.py",
)
"""The code that makes the folder: an edit repeats the export; the model's id stays if the result is the same."""

LIBRARIES = ("numpy", "onnx", "onnxruntime", "transformers", "tokenizers")


@dataclass(frozen=True)
class Recipe:
    """The options of an export: source, dimensions, maximum length of a text, prefix of a text, language, softening."""

    source: Path
    """A Hugging Face folder of a BertModel."""
    dims: int = DIMS
    max_tokens: int = MAX_TOKENS
    prefix: str = ""
    language: str = ENGLISH
    """The language of the texts that the projection and the topics are fitted on."""
    expected_sha256: str | None = None
    """Hash that the weights must have, if the source is known."""
    name: str | None = None
    """The model's name; from the source if none is given."""
    softening: float = 0.0
    """Of the projection: 0 is PCA, 1 is whitening."""


@dataclass(frozen=True)
class CheckedRecipe:
    """A recipe with a source that was checked and can be exported."""

    recipe: Recipe
    config: BertConfig
    weights: Path
    weights_sha256: str

    @property
    def max_tokens(self) -> int:
        """The smaller of the requested length and the model's own."""
        return min(self.recipe.max_tokens, self.config.max_tokens)

    @property
    def name(self) -> str:
        """A short name for the model's id, from the folder's."""
        if self.recipe.name:
            return self.recipe.name
        if self.weights_sha256 == OFFICIAL_SHA256:
            return OFFICIAL_NAME
        parts = [part for part in self.recipe.source.resolve().parts if part.startswith("models--")]
        return (parts[-1].split("--")[-1] if parts else self.recipe.source.resolve().name).lower()

    def fingerprint(self) -> str:
        """SHA-256 of everything that decides the result: weights, tokenizer, sizes, corpus, libraries."""
        source = self.recipe.source
        present = [source / name for name in TOKENIZER_SOURCES if (source / name).is_file()]
        inputs = {
            "layout": LAYOUT,
            "weights": self.weights_sha256,
            "config": asdict(self.config),
            "tokenizer": {path.name: sha256_of(path) for path in present},
            "dims": self.recipe.dims,
            "max_tokens": self.max_tokens,
            "prefix": self.recipe.prefix,
            "softening": self.recipe.softening,
            "corpus": [self.recipe.language, corpus_version(self.recipe.language), CORPUS_TEXTS, CORPUS_SEED],
            "makers": files_version(MAKERS),
            "versions": library_versions(),
        }
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()

    def is_done(self, out: Path) -> bool:
        """Whether `out` already holds the result, every file with its hash."""
        try:
            manifest = Manifest.load(out)
        except ModelError:
            return False
        return manifest.recipe == self.fingerprint() and manifest.is_intact(out)


def check_recipe(recipe: Recipe) -> CheckedRecipe:
    """Read the source's config and hash its weights; ModelError where it cannot be exported."""
    config = read_bert_config(recipe.source)
    if not 1 <= recipe.dims <= config.hidden:
        raise ModelError(f"--dims {recipe.dims}, allowed 1 to {config.hidden}, the model's own", "Choose within.")
    if recipe.max_tokens < 8:
        raise ModelError(f"--max-tokens {recipe.max_tokens}, least 8", "A title has about a dozen tokens: choose more.")
    if recipe.language not in LANGUAGES:
        raise ModelError(f"--language {recipe.language}, known: {', '.join(LANGUAGES)}", "Choose one of them.")
    if not 0 <= recipe.softening <= 1:
        raise ModelError(f"--softening {recipe.softening}, allowed 0 to 1", "Choose 0 for PCA, 1 for whitening.")
    weights = find_weights(recipe.source, recipe.expected_sha256)
    return CheckedRecipe(recipe, config, weights, recipe.expected_sha256 or sha256_of(weights))


def library_versions() -> dict[str, str]:
    """The versions of the libraries that take part."""
    return {name: version(name) for name in LIBRARIES}


def corpus_version(language: str) -> str:
    """The version of the corpus' texts in a language."""
    return files_version(("corpus.py", f"languages/{language}.toml"))


def files_version(names: Sequence[str]) -> str:
    """The first 16 hex digits of the SHA-256 of files of this package."""
    digest = hashlib.sha256()
    for name in names:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:16]
