"""`liveprofile reference`: every path, reason code, anomaly, feature, segment and attribute, with its meaning."""

import click

from liveprofile.streams.cli.context import Context, UserError, examples, pass_context


@click.command(
    epilog=examples(
        "liveprofile reference",
        'liveprofile reference "reason codes"',
        "liveprofile reference --markdown > docs/reference.md",
    )
)
@click.argument("section", required=False)
@click.option("--markdown", is_flag=True, help="Print the page docs/reference.md.")
@pass_context
def command(context: Context, section: str | None, markdown: bool) -> None:
    """Look up the meaning of names in records. SECTION is the start of a heading, such as paths or segments."""
    from rich.markdown import Markdown

    from liveprofile.streams.reference.page import SECTIONS, as_markdown

    if markdown:
        click.echo(as_markdown(), nl=False)
        return
    chosen = [title for title in SECTIONS if title.lower().startswith((section or "").strip().lower())]
    if not chosen:
        raise UserError(f"There is no section {section!r}.", f"Sections are {', '.join(SECTIONS)}.")
    for title in chosen:
        context.out.print(Markdown(f"# {title}\n\n{SECTIONS[title]()}"))
