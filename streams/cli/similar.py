"""`liveprofile similar`: the shoppers with the most similar interests."""

import asyncio
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.cli.profile_lookup import by_the_given_id, one_profile, wanted_profile

if TYPE_CHECKING:
    from liveprofile.profiles.output.similar import Similar


@click.command(epilog=examples("liveprofile similar 3f2a91c0", "liveprofile similar --user u-1042 -n 20 --json"))
@one_profile
@click.option("-n", "most", type=click.IntRange(1, 1_000), default=10, show_default=True, help="How many shoppers.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@bootstrap_option
@pass_context
def command(
    context: Context, profile: str | None, user: str | None, anonymous: str | None, most: int, as_json: bool
) -> None:
    """Show the shoppers with the most similar interests, and the common topics.

    PROFILE is a profile id or the start of one. All snapshots are read once; nothing is stored.
    """
    with by_the_given_id(user or anonymous):
        found = asyncio.run(_similar(context, wanted_profile(context, profile, user, anonymous), most))
    if as_json:
        echo_json(found)
    else:
        _print(context, found)


async def _similar(context: Context, wanted: str, most: int) -> "list[Similar]":
    import orjson

    from liveprofile.profiles.output.similar import Likeness
    from liveprofile.streams.query import items, profile
    from liveprofile.streams.query.reader import open_reader

    topics = context.settings.topics
    async with open_reader(context.bootstrap()) as reader:
        try:
            likeness = Likeness(await profile.find(reader, topics, wanted), most)
        except ValueError as error:
            raise UserError(f"{wanted}: {error}.", "Wait until the shopper has done something with a text.") from None
        snapshots = await items.latest(reader, topics.profiles)
    likeness.take(orjson.loads(value) for value in snapshots.values())
    return likeness.best


def _print(context: Context, found: "list[Similar]") -> None:
    from rich.table import Table

    from liveprofile.streams.logs import escape

    if not found:
        context.inform("nobody is similar: no other profile has interests yet")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("profile", "likeness", "shared topics"):
        table.add_column(name, justify="right" if name == "likeness" else "left")
    for one in found:
        table.add_row(one.profile_id, f"{one.likeness:.2f}", escape(", ".join(one.shared)) or "-")
    context.out.print(table)
