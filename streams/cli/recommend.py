"""`liveprofile recommend`: items for one shopper, each with the reason."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.cli.profile_lookup import by_the_given_id, one_profile, wanted_profile

if TYPE_CHECKING:
    from liveprofile.profiles.items.ranker import Ranker
    from liveprofile.profiles.items.recommend import Recommendation


@click.command(
    epilog=examples(
        "liveprofile recommend 3f2a91c0",
        "liveprofile recommend --user u-1042 -n 5",
        "liveprofile recommend 3f2a91c0 --json | jq '.[].item_id'",
        "liveprofile recommend 3f2a91c0 --weights my-shop.json",
    )
)
@one_profile
@click.option("-n", "most", type=click.IntRange(1, 1_000), default=10, show_default=True, help="How many items.")
@click.option("--json", "as_json", is_flag=True, help="JSON with the parts of each score.")
@click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your own weights, written by `liveprofile backtest --save-weights`.",
)
@click.option("--again", is_flag=True, help="Include items that the shopper has just bought.")
@bootstrap_option
@pass_context
def command(
    context: Context,
    profile: str | None,
    user: str | None,
    anonymous: str | None,
    most: int,
    as_json: bool,
    weights: Path | None,
    again: bool,
) -> None:
    """Recommend items to one shopper: near their interests, co-occurring with their last items, or popular.

    The score is the logarithm of an item's probability relative to an average item, by the weights.

    PROFILE is a profile id or the start of one, as `liveprofile watch` prints it. The data of items comes from the
    stage `items`; programs can use `liveprofile.recommend`.
    """
    ranker, wanted = _ranker(weights), wanted_profile(context, profile, user, anonymous)
    with by_the_given_id(user or anonymous):
        found = asyncio.run(_recommend(context, wanted, most, ranker, again))
    if as_json:
        echo_json(found)
    else:
        _print(context, found)


def _ranker(weights: Path | None) -> "Ranker":
    """The ranker with weights from a file, or the included one. UserError for a file without weights."""
    from liveprofile.profiles.items.ranker import Ranker, shipped

    if weights is None:
        return shipped()
    try:
        return Ranker.of(weights.read_bytes())
    except (ValueError, OSError) as error:
        raise UserError(
            f"{weights} has no weights: {error}.",
            "Write one: liveprofile backtest amazon-next-item --save-weights FILE.",
        ) from error


async def _recommend(context: Context, wanted: str, most: int, ranker: "Ranker", again: bool) -> "list[Recommendation]":
    from liveprofile.streams.query.reader import open_reader
    from liveprofile.streams.query.recommend import recommended

    settings = context.settings
    async with open_reader(context.bootstrap()) as reader:
        half_life_s = settings.items.half_life_s
        return await recommended(
            reader, settings.topics, wanted, most, half_life_s=half_life_s, ranker=ranker, again=again
        )


def _print(context: Context, found: "list[Recommendation]") -> None:
    from rich.table import Table

    from liveprofile.streams.logs import escape

    if not found:
        context.inform("nothing to recommend: no item is near, or goes with what was bought")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("item", "price", "score", "why"):
        table.add_column(name, justify="right" if name in ("price", "score") else "left")
    for one in found:
        name = escape(one.title or one.category or one.item_id or one.item)
        price = f"{one.price:,.2f}" if one.price is not None else ""
        table.add_row(name, price, f"{one.score:.2f}", escape(one.reason.words), style=None)
    context.out.print(table)
