"""`liveprofile distil`: a student with fewer layers learns its teacher's vectors."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.context import Context, examples, pass_context
from liveprofile.streams.cli.training import end_if_stopped, given_pairs, show_figures, training_options, watching

if TYPE_CHECKING:
    from liveprofile.models.train.pairs import Split
    from liveprofile.models.train.texts import Texts


@click.command(
    epilog=examples(
        "liveprofile distil --out models/small",
        "liveprofile distil --model models/shop/weights --from-log exported-topics/ --out models/small-shop",
        "liveprofile distil --layers 2 --texts titles.txt --epochs 5 --out models/tiny",
    )
)
@training_options
@click.option("--layers", type=int, default=3, show_default=True, help="Layers of the student.")
@click.option(
    "--texts",
    "files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="More texts to learn from, one a line, such as a catalogue's titles.",
)
@click.option("--epochs", type=float, default=3.0, show_default=True, help="Number of passes over the texts.")
@click.option("--lr", "rate", type=float, default=2e-4, show_default=True, help="Highest learning rate.")
@pass_context
def command(
    context: Context,
    /,
    pairs: tuple[Path, ...],
    logs: tuple[str, ...],
    files: tuple[Path, ...],
    limit: int | None,
    out: Path,
    source: Path | None,
    prefix: str,
    dims: int,
    held_out: float,
    threads: int | None,
    resume: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Make the embedding model smaller: a student with some of its layers learns to give its vectors.

    It learns from the project's own shop texts, from --texts, and from the texts of pairs and logs. Give it your titles
    and queries: a student is best on texts like those it has learnt. A tenth of the texts and all texts of held-out
    pairs are held out. On them the student is compared with its teacher: cosine, recall of the pairs' positives, and
    texts per second in int8 on one thread.

    The files in --out are those of `liveprofile finetune`; it stops and resumes in the same way. To distil a fine-tuned
    model, use --model DIR/weights. Needs the extra: pip install 'liveprofile[train]'.
    """
    from liveprofile.models.train.extra import require_training

    require_training()
    from liveprofile.models.recipe import Recipe
    from liveprofile.models.train.distil import DistillationOptions, Distilling
    from liveprofile.models.train.folder import Folder
    from liveprofile.streams.cli.model_source import model_source

    parts = _pairs(context, pairs, logs, limit, held_out, options["seed"])
    texts = _texts(files, parts, held_out, options["seed"])
    context.inform(f"{len(texts.training):,} texts to train on, {len(texts.held_out):,} held out")
    folder, expected = model_source(context, source)
    chosen = DistillationOptions(threads=threads or os.cpu_count() or 1, **options)
    with watching(context) as watch:
        recipe = Recipe(folder, dims, prefix=prefix, expected_sha256=expected)
        found = Distilling(recipe, texts, parts, chosen, Folder(out), watch).run(resume=resume)
    show_figures(context, end_if_stopped(context, found), out, as_json)


def _pairs(
    context: Context, files: tuple[Path, ...], logs: tuple[str, ...], limit: int | None, held_out: float, seed: int
) -> "Split | None":
    """The pairs for evaluation, if there are any."""
    from liveprofile.models.train.pairs import split

    found = given_pairs(context, files, logs, limit, seed)
    return split(found, held_out, seed) if found else None


def _texts(files: tuple[Path, ...], pairs: "Split | None", held_out: float, seed: int) -> "Texts":
    """The corpus' texts, those of the files, one per line, and those of the pairs."""
    from liveprofile.models.train.texts import gather
    from liveprofile.streams.datasets.files import DataFile
    from liveprofile.streams.datasets.pair_file import one_line

    given: list[str] = []
    for path in files:
        with DataFile(path) as file:
            given += [text for line in file.lines if (text := one_line(line))]
    return gather(given, pairs, held_out, seed)
