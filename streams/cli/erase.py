"""`liveprofile erase`: erases one shopper permanently."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, examples, pass_context

if TYPE_CHECKING:
    from liveprofile.streams.admin.erasure import Deadline

STDIN = "-"


@click.command(
    epilog=examples(
        "liveprofile erase u-1042",
        "liveprofile erase --anonymous 9b2e-cookie",
        "echo u-1042 | liveprofile erase - --yes      # keeps the id out of the shell's history",
    )
)
@click.argument("user_id")
@click.option("--anonymous", is_flag=True, help="USER_ID is an anonymous id: a device or a cookie.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@bootstrap_option
@pass_context
def command(context: Context, user_id: str, anonymous: bool, yes: bool) -> None:
    """Erase a shopper permanently: USER_ID is the shop's own id, - reads it from standard input.

    It says whether the id has a profile. That becomes a stub without personal data. Later events of the same id are
    dropped, so the shop must give a returning person a new id. Several ids of one person are erased one by one.
    """
    from liveprofile.streams.admin.erasure import deadlines, erase
    from liveprofile.streams.admin.topics import topic_shapes
    from liveprofile.streams.cli.profile_lookup import profile_id_of

    given = click.get_text_stream("stdin").readline() if user_id == STDIN else user_id
    profile_id = profile_id_of(context, given, anonymous=anonymous)
    bootstrap, settings = context.bootstrap(), context.settings
    if not yes:
        click.confirm(f"Erase the profile {profile_id} permanently? There is no undo", abort=True, err=True)
    known = asyncio.run(_known(context, profile_id))
    partition = asyncio.run(erase(bootstrap, settings.topics, profile_id.encode(), settings.profile.policy.dims))
    context.out.print(known, soft_wrap=True)
    context.out.print(
        f"erasure of {profile_id} is durable in {settings.topics.activity}/{partition}: "
        "a running worker applies it within seconds",
        soft_wrap=True,
    )
    real = asyncio.run(topic_shapes(bootstrap, settings.topics))
    config_of = {name: shape.config for name, shape in real.items()}
    _print(context, deadlines(settings.topics, config_of), datetime.now(UTC))


async def _known(context: Context, profile_id: str) -> str:
    """Whether the id has a profile, as a sentence: an erasure of nobody is most often a mistake in the id."""
    from liveprofile.profiles.facts.facts import rfc3339
    from liveprofile.streams.errors import NoProfileError
    from liveprofile.streams.query import profile
    from liveprofile.streams.query.reader import open_reader

    topics, dims = context.settings.topics, context.settings.profile.policy.dims
    async with open_reader(context.bootstrap()) as reader:
        if not reader.has(topics.profiles):
            return f"there is no topic {topics.profiles}, so it is unknown whether the id has a profile"
        erased_ms = await profile.erased_ms(reader, topics, profile_id, dims)
        if erased_ms:
            return f"the profile was erased before, at {rfc3339(erased_ms)}"
        try:
            snapshot = await profile.find(reader, topics, profile_id)
        except NoProfileError:
            return "this id has no published profile: check the id; it is closed all the same"
        except UserError:
            return "the profile was erased before"
    return f"the id has a profile, version {snapshot.get('version', '?')}"


def _print(context: Context, places: "list[Deadline]", now: datetime) -> None:
    """The time by which each topic is clean, and places that the command cannot clean."""
    from rich.table import Table

    table = Table("topic", "clean by", "how", "what it holds until then", box=None, pad_edge=False)
    for place in places:
        table.add_row(place.topic, _clean_by(place, now), place.how, place.holds)
    context.out.print(table)
    context.out.print(
        "The text cache on the workers' disks holds keyed digests of texts, without users. Consumers of the topics "
        "must delete their own copies when they read the change ERASED.",
        soft_wrap=True,
    )


def _clean_by(place: "Deadline", now: datetime) -> str:
    """The time by the cluster's configuration of the topic."""
    if place.days is None:
        return "never, as the topic is configured"
    return f"{now + timedelta(days=place.days):%Y-%m-%d %H:%M} UTC"
