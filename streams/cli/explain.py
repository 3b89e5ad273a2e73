"""`liveprofile explain`: explains the values of a profile from the log of its changes."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
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
from liveprofile.streams.cli.profile_lookup import by_the_given_id, shopper_options, wanted_profile

if TYPE_CHECKING:
    from liveprofile.streams.query.explain import Explanation
    from liveprofile.streams.query.explain_answer import ChangeRecord


@click.command(
    epilog=examples(
        "liveprofile explain 3f2a91c0 interests.session",
        "liveprofile explain 3f2a91c0 segments          # also why in none: which rules are nearest",
        "liveprofile explain 3f2a91c0 segments.vip      # why in it, or what is missing",
        "liveprofile explain --user u-1042 spend --at 2026-01-05T18:00:00Z",
        "liveprofile explain 3f2a91c0 anomalies --json",
    )
)
@click.argument("words", nargs=-1, required=True, metavar="[PROFILE] PATH")
@click.option("--at", "at_text", metavar="TIME", help="Explain the value at this RFC 3339 time (event time).")
@shopper_options
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@locale_option
@bootstrap_option
@pass_context
def command(
    context: Context,
    words: tuple[str, ...],
    at_text: str | None,
    user: str | None,
    anonymous: str | None,
    as_json: bool,
) -> None:
    """Explain the value of a profile's PATH: the change that set it, with rule, threshold and evidence.

    PROFILE is a profile id or the start of one. PATH is a path such as brands, the start of one (interests), one member
    of a path's set (segments.vip), or anomalies. `docs/reference.md` lists all of them. Of segments that the profile is
    not in, it says which comparisons of their rules do not hold, by the stored profile.
    """
    named = user is not None or anonymous is not None
    if len(words) != (1 if named else 2):
        raise UserError("Give a profile and a path.", "Example: liveprofile explain 3f2a91c0 interests.session")
    wanted = wanted_profile(context, None if named else words[0], user, anonymous)
    with by_the_given_id(user or anonymous):
        found = _in_locale(context, asyncio.run(_explain(context, wanted, words[-1], _time(at_text))))
    if as_json:
        _print_json(found)
    else:
        _print(context, found)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"--at is {text!r}, which is not an RFC 3339 time.", "Write 2026-01-05T18:00:00Z.") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


async def _explain(context: Context, wanted: str, asked: str, at: datetime | None) -> "Explanation":
    from liveprofile.streams.query.explain import explain
    from liveprofile.streams.query.reader import open_reader

    settings = context.settings
    async with open_reader(context.bootstrap()) as reader:
        return await explain(reader, settings.topics, wanted, asked, at=at, policy=settings.profile.policy)


def _in_locale(context: Context, found: "Explanation") -> "Explanation":
    """An explanation with its messages in the wanted language."""

    def change(one: "ChangeRecord") -> "ChangeRecord":
        return replace(one, change=context.in_locale({"changes": [dict(one.change)]})["changes"][0])

    answers = tuple(replace(one, now=change(one.now), earlier=tuple(map(change, one.earlier))) for one in found.answers)
    cases = tuple(
        replace(one, steps=tuple((time, context.in_locale(dict(step))) for time, step in one.steps))
        for one in found.cases
    )
    return replace(found, answers=answers, cases=cases)


def _print_json(found: "Explanation") -> None:
    from liveprofile.streams.render.explanation import absence_json, answer_json, case_json

    about: dict[str, Any]
    if found.cases:
        about = {"anomalies": [case_json(one, found.events) for one in found.cases]}
    else:
        about = {"answers": [answer_json(one, found.events, found.spend) for one in found.answers]}
    if found.absence is not None:
        about["not_in"] = absence_json(found.absence)
    echo_json({"profile_id": found.profile_id, **about})


def _print(context: Context, found: "Explanation") -> None:
    from liveprofile.streams.render.explanation import absence_view, answer_view, case_view

    context.out.print(f"[dim]profile {found.profile_id}[/dim]")
    views = [answer_view(one, found.events, found.spend) for one in found.answers]
    if found.absence is not None:
        views.append(absence_view(found.absence))
    for view in views + [case_view(one, found.events) for one in found.cases]:
        context.out.print()
        context.draw(view)
