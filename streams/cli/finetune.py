"""`liveprofile finetune`: the embedding model learns which texts of a shop belong together."""

import os
from pathlib import Path
from typing import Any

import click

from liveprofile.streams.cli.context import Context, UserError, examples, pass_context
from liveprofile.streams.cli.training import end_if_stopped, given_pairs, show_figures, training_options, watching


@click.command(
    epilog=examples(
        "liveprofile finetune --pairs pairs.jsonl --out models/shop",
        "liveprofile finetune --from-log exported-topics/ --out models/shop --lora --epochs 2",
        "liveprofile finetune --from-log ubi:events.ndjson.gz --out models/shop --steps 300 --resume",
    )
)
@training_options
@click.option("--full/--lora", "full", default=True, help="Every weight learns (default), or low-rank adapters only.")
@click.option("--rank", type=click.IntRange(min=1), default=16, show_default=True, help="Rank of the adapters.")
@click.option("--epochs", type=float, default=1.0, show_default=True, help="Times that every pair is seen.")
@click.option("--lr", "rate", type=float, help="Highest learning rate.  [default: 2e-5 full, 2e-4 LoRA]")
@click.option("--temperature", type=float, default=0.05, show_default=True, help="Cosines are divided by it.")
@click.option("--symmetric", is_flag=True, help="Tell a positive's anchor from the other anchors, too.")
@pass_context
def command(
    context: Context,
    /,
    pairs: tuple[Path, ...],
    logs: tuple[str, ...],
    limit: int | None,
    out: Path,
    source: Path | None,
    prefix: str,
    dims: int,
    held_out: float,
    full: bool,
    threads: int | None,
    resume: bool,
    as_json: bool,
    **choices: Any,
) -> None:
    """Teach the embedding model a shop's own pairs, and judge it on pairs held out, before and after.

    \b
    Pairs come from files, or from the log of a shop:
      a query and each title clicked, put in the cart or bought in the session after it
      an item that was clicked or bought, and the same user's next one with another title

    Each pair's positive is told from those of the other pairs of its batch; what is known to answer an anchor anywhere
    in the data is never a negative of it. Judged by a tenth of the users: how often the right text is the first, or
    among the first ten, of all held-out ones.

    \b
    What is made in --out:
      model/          what ingest loads: set model_dir to it, and begin with a new app_id
      weights/        a Hugging Face folder: finetune --model, distil --model, export-model --from
      report.json     figures before and after, in float32, int8, and projected to --dims
      checkpoint-…    where --resume goes on after Ctrl-C or a crash, to the very same weights

    Needs the extra: pip install 'liveprofile[train]'. The same seed, files, machine and threads give the same weights.
    """
    from liveprofile.models.train.extra import require_training

    require_training()
    if not pairs and not logs:
        raise UserError("There is nothing to learn from.", "Give --pairs FILE or --from-log PATH, or both.")
    from liveprofile.models.recipe import Recipe
    from liveprofile.models.train.finetune import Choices, FineTuning
    from liveprofile.models.train.folder import Folder
    from liveprofile.models.train.pairs import split
    from liveprofile.streams.cli.model_source import model_source

    parts = split(given_pairs(context, pairs, logs, limit, choices["seed"]), held_out, choices["seed"])
    context.inform(f"{len(parts.training):,} pairs to train on, {len(parts.held_out):,} held out")
    folder, expected = model_source(context, source)
    chosen = Choices(lora=not full, threads=threads or os.cpu_count() or 1, **choices)
    with watching(context) as watch:
        recipe = Recipe(folder, dims, prefix=prefix, expected_sha256=expected)
        found = FineTuning(recipe, parts, chosen, Folder(out), watch).run(resume=resume)
    show_figures(context, end_if_stopped(context, found), out, as_json)
