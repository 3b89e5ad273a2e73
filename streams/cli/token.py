"""`liveprofile token`: makes, lists and revokes the tokens of the query service."""

import click

from liveprofile.streams.cli.context import Context, echo_json, examples, pass_context


@click.group(
    epilog=examples(
        "liveprofile token create crm --scope profile:read:basic --scope segment:read",
        "liveprofile token list",
        "liveprofile token revoke crm",
    )
)
def command() -> None:
    """Tokens of the query service: who may read what.

    As soon as there is one, every request needs one. A running `liveprofile serve` with the same data folder knows of a
    change within a second.
    """


@command.command(epilog=examples("liveprofile token create risk --scope profile:read --scope anomaly:verdict"))
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="What it may do; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def create(context: Context, name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Make a token called NAME, and print it: it is shown this once, and only its SHA-256 is kept.

    Scopes are profile:read (whole profiles), profile:read:basic and of the other groups interests, spend, predictions,
    traits, declared and anomalies, segment:read, segment:write, anomaly:read, anomaly:verdict, model:read, event:write,
    erase, and admin for everything.
    """
    from liveprofile.streams.serve.auth.tokens import Tokens, tokens_path

    token = Tokens(tokens_path(context.settings)).create(name, scopes)
    if as_json:
        echo_json({"name": name, "token": token, "scopes": sorted(set(scopes))})
        return
    click.echo(token)
    context.inform(f"token {name}: keep it, it is not shown again; send it as `Authorization: Bearer TOKEN`")


@command.command("list", epilog=examples("liveprofile token list --json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """The tokens with their scopes; never the tokens themselves."""
    from rich.table import Table

    from liveprofile.streams.serve.auth.tokens import Tokens, tokens_path

    found = Tokens(tokens_path(context.settings)).all()
    if as_json:
        echo_json([{"name": one.name, "scopes": one.scopes, "created": one.created} for one in found])
        return
    if not found:
        context.inform("there is no token: on this machine's own address none is needed")
        return
    table = Table("name", "scopes", "created", box=None, pad_edge=False, header_style="dim")
    for one in found:
        table.add_row(one.name, ", ".join(one.scopes), one.created)
    context.out.print(table)


@command.command(epilog=examples("liveprofile token revoke crm"))
@click.argument("name")
@pass_context
def revoke(context: Context, name: str) -> None:
    """Revoke the token NAME: a running service refuses it within a second."""
    from liveprofile.streams.serve.auth.tokens import Tokens, tokens_path

    Tokens(tokens_path(context.settings)).revoke(name)
    context.inform(f"token {name} is revoked")
