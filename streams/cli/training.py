"""Common parts of `finetune` and `distil`: options, pairs, progress and stopping."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from liveprofile.streams.cli.context import Context, UserError, echo_json
from liveprofile.streams.cli.stopping import stop_noted
from liveprofile.streams.datasets.formats import FORMATS

if TYPE_CHECKING:
    from rich.table import Table

    from liveprofile.models.train.pairs import Pair
    from liveprofile.models.train.watch import Watch
    from liveprofile.streams.datasets.record import Skipped

_Command = TypeVar("_Command", bound=Callable[..., Any])

LOSS_EVERY = 10
"""Steps between two lines about the loss without a terminal."""

OPTIONS = (
    click.option(
        "--pairs",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        multiple=True,
        metavar="FILE",
        help='JSON lines {"anchor": "red pan", "positive": "Hearthwell pan, 24 cm"}, or CSV with these columns; '
        "a third field `group` (a shopper) keeps its pairs on one side of the split.",
    ),
    click.option(
        "--from-log",
        "logs",
        multiple=True,
        metavar="[FORMAT:]PATH",
        help="A file or folder of input records (JSON lines with a field `topic`), or of another format that replay "
        "reads: ubi:events.ndjson.gz.",
    ),
    click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help="Most pairs taken of each log, drawn by the seed.",
    ),
    click.option(
        "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the result; a new one."
    ),
    click.option(
        "--model",
        "source",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="FOLDER",
        help="Hugging Face folder of the base model, as for export-model --from; default: all-MiniLM-L6-v2.",
    ),
    click.option("--prefix", default="", metavar="TEXT", help='Prefix of every text; e5 models need "query: ".'),
    click.option("--dims", type=int, default=128, show_default=True, metavar="N", help="Dimensions of a profile."),
    click.option("--batch", type=int, default=64, show_default=True, metavar="N", help="Examples of a step."),
    click.option("--steps", type=int, metavar="N", help="Steps to train, instead of --epochs."),
    click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of all randomness."),
    click.option(
        "--held-out",
        type=float,
        default=0.1,
        show_default=True,
        metavar="SHARE",
        help="Share of the groups that is held out for evaluation.",
    ),
    click.option(
        "--max-tokens",
        type=int,
        default=64,
        show_default=True,
        metavar="N",
        help="Length limit of texts in training.",
    ),
    click.option(
        "--bf16", "bfloat16", is_flag=True, help="Multiply in 16 bits: twice as fast on cores with AVX512-BF16."
    ),
    click.option(
        "--save-every", type=click.IntRange(min=1), default=100, show_default=True, help="Steps between checkpoints."
    ),
    click.option("--threads", type=click.IntRange(min=1), help="Cores to train on; all by default."),
    click.option("--resume", is_flag=True, help="Continue from the checkpoint in --out."),
    click.option("--json", "as_json", is_flag=True, help="JSON for programs."),
)


def training_options(function: _Command) -> _Command:
    """The options that both commands take."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def given_pairs(
    context: Context, files: tuple[Path, ...], logs: tuple[str, ...], limit: int | None, seed: int
) -> list["Pair"]:
    """The pairs of all files and logs; prints a line about each."""
    from liveprofile.streams.datasets.pair_file import read_pairs
    from liveprofile.streams.datasets.pairs_from_log import read_log
    from liveprofile.streams.datasets.record import Skipped

    found: list[Pair] = []
    for path in files:
        skipped = Skipped()
        found += _counted(context, path, read_pairs(path, skipped), skipped)
    for words in logs:
        skipped = Skipped()
        form, path = _format_and_path(words)
        found += _counted(context, path, read_log(path, form, limit, seed, skipped), skipped)
    return found


def _format_and_path(words: str) -> tuple[str, Path]:
    """Split `ubi:events.ndjson` into format and path; without a known format before the colon, all is the path."""
    form, colon, rest = words.partition(":")
    form, path = (form, Path(rest)) if colon and form in FORMATS else ("jsonl", Path(words))
    if not path.exists():
        raise UserError(
            f"--from-log {words}: there is no {path}.", f"Formats before the colon are {', '.join(FORMATS)}."
        )
    return form, path


def _counted(context: Context, path: Path, pairs: list["Pair"], skipped: "Skipped") -> list["Pair"]:
    context.inform(f"{path.name}: {len(pairs):,} pairs, {skipped.total():,} rows or pairs skipped")
    return pairs


@contextmanager
def watching(context: Context) -> Iterator["Watch"]:
    """A bar for each step of the work; Ctrl-C or SIGTERM ends the training after a step, a second Ctrl-C at once."""
    from liveprofile.models.train.watch import Watch
    from liveprofile.streams.cli.bars import step_bars

    with step_bars(context) as on_progress, stop_noted() as stop:

        def learnt(done: int, steps: int, loss: float) -> None:
            on_progress("training", done, steps)
            if not context.err.is_terminal and (done % LOSS_EVERY == 0 or done == steps):
                context.inform(f"step {done:,} of {steps:,}, loss {loss:.4f}")

        yield Watch(on_progress, learnt, stop)


def end_if_stopped(context: Context, found: dict[str, Any] | None) -> dict[str, Any]:
    """The report; without one, print the next step and exit with 130."""
    if found is None:
        context.inform("stopped; a checkpoint is kept: run the same command with --resume to continue")
        raise click.Abort
    return found


def show_figures(context: Context, found: dict[str, Any], out: Path, as_json: bool) -> None:
    """Before and after as a table, or all of it as JSON."""
    if as_json:
        echo_json(found)
        return
    if "before" in found:
        context.out.print(_table(found))
        mean, low, high = found["gain"]["projected"]["recall@10"]
        context.out.print(f"recall@10 after projection, as in profiles: {mean:+.1%} (95%: {low:+.1%} to {high:+.1%})")
    for kind, cosines in found.get("cosine_to_teacher", {}).items():
        context.out.print(
            f"cosine to the teacher, {kind}: mean {cosines['mean']:.3f}, 5th percentile {cosines['p05']:.3f}"
        )
    speed = found["texts_per_s"]
    context.out.print(f"int8, one thread: {speed['before']:,.0f} texts/s before, {speed['after']:,.0f} after")
    context.out.print(f"{found['model']} in {out / 'model'}", markup=False, soft_wrap=True)


def _table(found: dict[str, Any]) -> "Table":
    from rich.table import Table

    one = found["before"]["float32"]
    title = f"{one['n']:,} held-out pairs, the right text among {one['candidates']:,}"
    table = Table(title=title, title_justify="left")
    for heading in ("", "recall@1", "recall@10", "MRR", "mean rank"):
        table.add_column(heading, justify="right" if heading else "left")
    for when in ("before", "after"):
        for kind, figures in found[when].items():
            recalls = [f"{figures[name]:.1%}" for name in ("recall@1", "recall@10")]
            table.add_row(f"{when}, {kind}", *recalls, f"{figures['mrr']:.3f}", f"{figures['mean_rank']:.1f}")
    return table
