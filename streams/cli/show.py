"""`liveprofile show`: shows one profile."""

import asyncio
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.context import (
    Context,
    UserError,
    bootstrap_option,
    echo_json,
    examples,
    locale_option,
    pass_context,
)
from liveprofile.streams.cli.profile_lookup import by_the_given_id, one_profile, wanted_profile

if TYPE_CHECKING:
    from liveprofile.streams.query.reader import Reader


@click.command(
    epilog=examples(
        "liveprofile show 3f2a91c0",
        "liveprofile show --user u-1042",
        "liveprofile show 3f2a91c0 --json | jq .interests.long",
    )
)
@one_profile
@click.option("--json", "as_json", is_flag=True, help="The snapshot as it is on the topic.")
@locale_option
@bootstrap_option
@pass_context
def command(context: Context, profile: str | None, user: str | None, anonymous: str | None, as_json: bool) -> None:
    """Show one shopper's profile: interests at three scales, brands, spend, hours, session, anomalies, last changes.

    PROFILE is a profile id or the start of one, as `liveprofile watch` prints it.
    """
    with by_the_given_id(user or anonymous):
        asyncio.run(_show(context, wanted_profile(context, profile, user, anonymous), as_json))


async def _show(context: Context, wanted: str, as_json: bool) -> None:
    from liveprofile.streams.errors import NoProfileError
    from liveprofile.streams.query import profile
    from liveprofile.streams.query.reader import ID_LENGTH, open_reader

    topics = context.settings.topics
    async with open_reader(context.bootstrap()) as reader:
        try:
            snapshot = await profile.find(reader, topics, wanted)
        except NoProfileError:
            if len(wanted) == ID_LENGTH:
                await _render_erased(context, reader, wanted)
            raise
        published = (
            [] if as_json else await profile.last_published(reader, topics, str(snapshot.get("profile_id", wanted)))
        )
    if as_json:
        echo_json(snapshot)
        return
    _print(context, snapshot, published)


async def _render_erased(context: Context, reader: "Reader", profile_id: str) -> None:
    """UserError if the profile was erased so long ago that its tombstone is gone, too."""
    from liveprofile.profiles.facts.facts import rfc3339
    from liveprofile.streams.query import profile

    settings = context.settings
    at_ms = await profile.erased_ms(reader, settings.topics, profile_id, settings.profile.policy.dims)
    if at_ms:
        raise UserError(f"The profile {profile_id} was erased at {rfc3339(at_ms)}.", "Nothing of it is left to show.")


def _print(context: Context, snapshot: dict[str, Any], published: list[Any]) -> None:
    from datetime import UTC, datetime

    from liveprofile.streams.language.panel import labels_of
    from liveprofile.streams.query.reader import decoded
    from liveprofile.streams.render.profile import profile_panel
    from liveprofile.streams.render.records import clock

    lines = [(clock(record), context.in_locale(decoded(record))) for record in published]
    language = context.locale or context.settings.language
    context.draw(profile_panel(snapshot, datetime.now(UTC), lines, say=labels_of(language)))
