"""`liveprofile finetune`: the embedding model learns pairs of texts of a shop that belong together."""

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
@click.option("--full/--lora", "full", default=True, help="Train every weight (default), or low-rank adapters only.")
@click.option("--rank", type=click.IntRange(min=1), default=16, show_default=True, help="Rank of the adapters.")
@click.option("--epochs", type=float, default=1.0, show_default=True, help="Number of passes over the pairs.")
@click.option("--lr", "rate", type=float, help="Highest learning rate.  [default: 2e-5 full, 2e-4 LoRA]")
@click.option("--temperature", type=float, default=0.05, show_default=True, help="Divisor of the cosines.")
@click.option("--symmetric", is_flag=True, help="Also rank a positive's anchor among the other anchors.")
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
    """Train the embedding model on a shop's own pairs, and evaluate it on held-out pairs, before and after.

    \b
    Pairs come from files, or from the log of a shop:
      a query and each title that was clicked, put into the cart or bought later in the session
      an item that was clicked or bought, and the same user's next one with another title

    The positives of the other pairs of a batch are a pair's negatives, except known answers of its anchor anywhere in
    the data. The evaluation uses a tenth of the users: how often the right text is the first, or among the first ten,
    of all held-out texts.

    \b
    Files in --out:
      model/          the folder that ingest loads: set model_dir to it, and begin anew
      weights/        a Hugging Face folder: finetune --model, distil --model, export-model --from
      report.json     figures before and after, in float32, int8, and projected to --dims
      checkpoint-…    the state that --resume continues from after Ctrl-C or a crash, to the same weights

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
