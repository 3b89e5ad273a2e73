"""`liveprofile settings`: present settings with their origin, and the page that documents them."""

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, examples, pass_context


@click.command(
    epilog=examples(
        "liveprofile settings",
        "LIVEPROFILE_INGEST__BATCH_MAX=64 liveprofile settings",
        "liveprofile settings --markdown > docs/settings.md",
    )
)
@click.option("--markdown", is_flag=True, help="Print the page docs/settings.md: every setting with its meaning.")
@click.option("--json", "as_json_", is_flag=True, help="Print value and origin of each setting as JSON.")
@bootstrap_option
@pass_context
def command(context: Context, markdown: bool, as_json_: bool) -> None:
    """Show every setting, and the file, variable or option that set it.

    Secrets are hidden. Write settings in liveprofile.toml or as variables: ingest.batch_max is
    LIVEPROFILE_INGEST__BATCH_MAX.
    """
    from liveprofile.streams.settings import page

    if markdown:
        click.echo(page.as_markdown(), nl=False)
    elif as_json_:
        import orjson

        click.echo(orjson.dumps(page.as_json(context.loaded), option=orjson.OPT_INDENT_2))
    else:
        context.out.print(page.as_table(context.loaded, whole_names=not context.out.is_terminal))
