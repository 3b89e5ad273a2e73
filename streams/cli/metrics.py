"""`liveprofile metrics`: every metric with its meaning, and the page that documents them."""

import click

from liveprofile.streams.cli.context import Context, examples, pass_context


@click.command(
    epilog=examples(
        "liveprofile metrics",
        "liveprofile metrics --markdown > docs/metrics.md",
    )
)
@click.option("--markdown", is_flag=True, help="Print the page docs/metrics.md.")
@pass_context
def command(context: Context, markdown: bool) -> None:
    """List the metrics that a worker serves at /metrics on worker.probe_port: type, labels, meaning."""
    from rich.table import Table

    from liveprofile.streams.metrics.catalogue import CATALOGUE
    from liveprofile.streams.metrics.page import as_markdown

    if markdown:
        click.echo(as_markdown(), nl=False)
        return
    table = Table("metric", "type", "labels", "meaning")
    for one in CATALOGUE:
        table.add_row(one.full_name, one.kind, ", ".join(one.labels), one.meaning)
    context.out.print(table)
