"""`liveprofile show`: one profile as a person reads it."""

import asyncio
from typing import Any

import click

from streams.cli.context import Context, UserError, bootstrap_option, examples, pass_context


@click.command(
    epilog=examples(
        "liveprofile show 3f2a91c0",
        "liveprofile show --user u-1042",
        "liveprofile show 3f2a91c0 --json | jq .interests.long",
    )
)
@click.argument("profile", required=False)
@click.option("--user", metavar="ID", help="The shop's user id; it is pseudonymised here, under the key in force.")
@click.option("--json", "as_json", is_flag=True, help="The snapshot as it stands on the topic.")
@bootstrap_option
@pass_context
def command(context: Context, profile: str | None, user: str | None, as_json: bool) -> None:
    """Show one shopper's profile: interests at three scales, brands, spend, hours, session, anomalies, what was said.

    PROFILE is a profile id or the start of one, as `liveprofile watch` prints it.
    """
    if (profile is None) == (user is None):
        raise UserError("Say which profile: its id, or --user with a user id.", "See: liveprofile show --help")
    wanted = profile if user is None else _pseudonym(context, user)
    asyncio.run(_show(context, wanted or "", as_json))


def _pseudonym(context: Context, user: str) -> str:
    """The profile id of a user id."""
    from streams.ingest.pseudonyms import profile_id
    from streams.pseudonym_key import pseudonym_key

    return profile_id(pseudonym_key(context.settings, context.say), user)


async def _show(context: Context, wanted: str, as_json: bool) -> None:
    from streams import follow, show

    async with follow.reader(context.bootstrap()) as consumer:
        snapshot = await show.find(consumer, wanted)
        said = [] if as_json else await show.last_said(consumer, str(snapshot.get("profile_id", wanted)))
    if as_json:
        import orjson

        click.echo(orjson.dumps(snapshot, option=orjson.OPT_INDENT_2))
        return
    _print(context, snapshot, said)


def _print(context: Context, snapshot: dict[str, Any], said: list[Any]) -> None:
    from datetime import UTC, datetime

    from streams.profile_view import profile_panel
    from streams.watch import clock, decoded

    lines = [(clock(record), decoded(record)) for record in said]
    context.out.print(profile_panel(snapshot, datetime.now(UTC), lines))
