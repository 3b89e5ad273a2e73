"""`liveprofile warm`: embeds known texts in advance."""

import asyncio
from typing import TextIO

import click

from liveprofile.streams.cli.context import Context, UserError, echo_json, examples, pass_context


@click.command(epilog=examples("liveprofile warm titles.txt", "cut -f2 catalogue.tsv | liveprofile warm -"))
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def command(context: Context, file: TextIO, as_json: bool) -> None:
    """Embed the texts of FILE, one per line (- reads standard input), into the text cache of the data folder.

    A worker with a cached catalogue is fast from the first event on. Texts in the cache are skipped.
    """
    try:
        texts = [line.strip() for line in file if line.strip()]
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file.name} is not text in UTF-8: byte {error.object[error.start]:#04x} is not.",
            f"Convert it: iconv -f latin1 -t utf-8 {file.name}",
        ) from None
    new = warm_with_progress(context, texts)
    if as_json:
        echo_json({"texts": len(texts), "new": new})
        return
    context.out.print(f"{len(texts):,} texts, {new:,} of them new, are in the cache")


def warm_with_progress(context: Context, texts: list[str]) -> int:
    """Embed with a progress bar; returns how many texts were new."""
    from rich.progress import Progress

    from liveprofile.streams.settings.data_folder import make_private
    from liveprofile.streams.stages.ingest.warm import warm_texts
    from liveprofile.streams.stages.wiring import Wiring

    make_private(context.settings.data_path)
    embedding = Wiring(context.settings, "").embedding()
    with Progress(console=context.err, transient=True) as bar:
        task = bar.add_task("embedding", total=len(texts))
        return asyncio.run(warm_texts(embedding, texts, lambda done: bar.advance(task, done)))
