"""`liveprofile completion`: the script with which a shell completes commands, options and choices."""

import click
from click.shell_completion import get_completion_class

from liveprofile.streams.cli.context import examples

PROGRAM = "liveprofile"


@click.command(
    epilog=examples(
        'eval "$(liveprofile completion bash)"       # in ~/.bashrc',
        'eval "$(liveprofile completion zsh)"        # in ~/.zshrc',
        "liveprofile completion fish | source        # in config.fish",
    )
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what SHELL needs to complete commands, options and choices of liveprofile."""
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(context.find_root().command, {}, PROGRAM, f"_{PROGRAM.upper()}_COMPLETE").source())
