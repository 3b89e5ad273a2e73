"""`liveprofile help`: the help of a command, as `--help` prints it."""

import click

from liveprofile.streams.cli.context import UserError, examples


@click.command(epilog=examples("liveprofile help", "liveprofile help watch", "liveprofile help topics check"))
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of a command, or of all."""
    assert context.parent is not None
    at = context.parent
    found: click.Command = at.command
    for word in words:
        inner = found.get_command(at, word) if isinstance(found, click.Group) else None
        if inner is None:
            raise UserError(f"There is no command {' '.join(words)}.", "`liveprofile help` lists all of them.")
        at, found = click.Context(inner, info_name=word, parent=at), inner
    click.echo(found.get_help(at))
