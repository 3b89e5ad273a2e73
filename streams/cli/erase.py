"""`liveprofile erase`: erases one shopper permanently."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.confirm import confirm
from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.errors import NoProfileError

if TYPE_CHECKING:
    from liveprofile.streams.admin.erasure import Deadline
    from liveprofile.streams.query.standing import Standing

STDIN = "-"


@click.command(
    epilog=examples(
        "liveprofile erase u-1042",
        "liveprofile erase --anonymous 9b2e-cookie",
        "echo u-1042 | liveprofile erase - --yes      # keeps the id out of the shell's history",
        "liveprofile erase u-1042 --yes --json | jq .deadlines",
    )
)
@click.argument("user_id")
@click.option("--anonymous", is_flag=True, help="USER_ID is an anonymous id: a device or a cookie.")
@click.option("--unknown", "also_unknown", is_flag=True, help="Close an id that nothing is known of, too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@bootstrap_option
@pass_context
def command(context: Context, user_id: str, anonymous: bool, also_unknown: bool, yes: bool, as_json: bool) -> None:
    """Erase a shopper permanently: USER_ID is the shop's own id, - reads it from standard input.

    The profile becomes a stub without personal data. Later events of the same id are dropped, so the shop must give a
    returning person a new id. Several ids of one person are erased one by one. An id that nothing is known of is most
    often a typing mistake: exit code 5, and nothing is done without --unknown. Without a terminal to ask on, --yes is
    needed: exit code 2.
    """
    from liveprofile.streams.admin.erasure import deadlines, erase
    from liveprofile.streams.admin.topics import topic_shapes
    from liveprofile.streams.cli.profile_lookup import profile_id_of

    given = click.get_text_stream("stdin").readline() if user_id == STDIN else user_id
    profile_id = profile_id_of(context, given, anonymous=anonymous)
    bootstrap, settings = context.bootstrap(), context.settings
    known = asyncio.run(_standing(context, profile_id))
    if known.state == "unknown" and not also_unknown:
        raise NoProfileError(
            f"The id is unknown here: there is no profile {profile_id}.",
            "Check the id, and --anonymous. With --unknown it is closed all the same: later events of it are dropped.",
        )
    confirm(f"Erase the profile {profile_id} permanently? There is no undo", yes=yes)
    partition = asyncio.run(erase(bootstrap, settings.topics, profile_id.encode(), settings.profile.policy.dims))
    real = asyncio.run(topic_shapes(bootstrap, settings.topics))
    places = deadlines(settings.topics, {name: shape.config for name, shape in real.items()})
    now = datetime.now(UTC)
    if as_json:
        _print_json(context, profile_id, partition, known, [_place_json(one, now) for one in places])
        return
    context.out.print(known.words, soft_wrap=True)
    context.out.print(
        f"erasure of {profile_id} is durable in {settings.topics.activity}/{partition}: "
        "a running worker applies it within seconds",
        soft_wrap=True,
    )
    _print(context, places, now)


async def _standing(context: Context, profile_id: str) -> "Standing":
    from liveprofile.streams.query.reader import open_reader
    from liveprofile.streams.query.standing import standing

    topics, dims = context.settings.topics, context.settings.profile.policy.dims
    async with open_reader(context.bootstrap()) as reader:
        return await standing(reader, topics, profile_id, dims)


def _print_json(
    context: Context, profile_id: str, partition: int, known: "Standing", places: list[dict[str, Any]]
) -> None:
    echo_json(
        {
            "profile_id": profile_id,
            "before": known.state,
            "version": known.version,
            "erased_before_at": known.erased_at,
            "topic": context.settings.topics.activity,
            "partition": partition,
            "deadlines": places,
        }
    )


def _place_json(place: "Deadline", now: datetime) -> dict[str, Any]:
    by = None if place.days is None else (now + timedelta(days=place.days)).isoformat(timespec="minutes")
    return {"topic": place.topic, "clean_by": by, "how": place.how, "holds": place.holds}


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
