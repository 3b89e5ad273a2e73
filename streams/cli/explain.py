"""`liveprofile explain`: explains the values of a profile from the log of its changes."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.cli.profile_lookup import shopper_options, wanted_profile

if TYPE_CHECKING:
    from liveprofile.streams.query.explain_answer import ChangeRecord
    from liveprofile.streams.query.explain_question import Question
    from liveprofile.streams.query.reader import Reader


@click.command(
    epilog=examples(
        "liveprofile explain 3f2a91c0 interests.session",
        "liveprofile explain 3f2a91c0 segments.loyal",
        "liveprofile explain --user u-1042 spend --at 2026-01-05T18:00:00Z",
        "liveprofile explain 3f2a91c0 anomalies --json",
    )
)
@click.argument("words", nargs=-1, required=True, metavar="[PROFILE] PATH")
@click.option("--at", "at_text", metavar="TIME", help="Explain the value at this RFC 3339 time (event time).")
@shopper_options
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
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
    of a path's set (segments.loyal), or anomalies. `docs/reference.md` lists all of them.
    """
    named = user is not None or anonymous is not None
    if len(words) != (1 if named else 2):
        raise UserError("Give a profile and a path.", "Example: liveprofile explain 3f2a91c0 interests.session")
    wanted = wanted_profile(context, None if named else words[0], user, anonymous)
    asyncio.run(_explain(context, wanted, words[-1], _time(at_text), as_json))


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"--at is {text!r}, which is not an RFC 3339 time.", "Write 2026-01-05T18:00:00Z.") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


async def _explain(context: Context, wanted: str, asked: str, at: datetime | None, as_json: bool) -> None:
    from liveprofile.streams.query import profile
    from liveprofile.streams.query.explain_answer import change_records, is_erased
    from liveprofile.streams.query.explain_question import question
    from liveprofile.streams.query.explain_read import published_of
    from liveprofile.streams.query.reader import open_reader

    topics = context.settings.topics
    async with open_reader(context.bootstrap()) as reader:
        snapshot = await profile.find(reader, topics, wanted)
        profile_id = str(snapshot.get("profile_id", wanted))
        records = change_records(await published_of(reader, topics.profile_changes, profile_id))
        if is_erased(records):
            raise UserError(f"The profile {wanted} was erased.", "Nothing of it is left to explain.")
        meant = question(asked, (one.path for one in records))
        if meant.kinds:
            await _anomalies(context, reader, profile_id, meant, at, as_json)
        else:
            await _paths(context, reader, profile_id, records, meant, at, as_json)


async def _paths(
    context: Context,
    reader: "Reader",
    profile_id: str,
    records: "list[ChangeRecord]",
    meant: "Question",
    at: datetime | None,
    as_json: bool,
) -> None:
    from liveprofile.streams.query.explain_answer import answers
    from liveprofile.streams.query.explain_read import events_of
    from liveprofile.streams.render.explanation import answer_json, answer_view, objects

    settings = context.settings
    found = list(answers(records, meant, at=at))
    if not found:
        raise _nothing(records, meant, at)
    evidence = [one for answer in found for one in objects(answer.now.record.get("evidence"))]
    events = await events_of(reader, settings.topics, profile_id, evidence, settings.profile.policy.dims)
    if as_json:
        echo_json({"profile_id": profile_id, "answers": [answer_json(one, events) for one in found]})
    else:
        _print_all(context, profile_id, [answer_view(one, events) for one in found])


async def _anomalies(
    context: Context, reader: "Reader", profile_id: str, meant: "Question", at: datetime | None, as_json: bool
) -> None:
    from liveprofile.streams.query.explain_answer import cases
    from liveprofile.streams.query.explain_read import events_of, published_of
    from liveprofile.streams.render.explanation import case_json, case_view, objects

    settings = context.settings
    found = cases(await published_of(reader, settings.topics.profile_anomalies, profile_id), meant, at=at)
    if not found:
        when = f" until {at.isoformat()}" if at else ""
        raise UserError(
            f"No anomaly of this profile ({', '.join(meant.kinds)}) was raised{when}, as far as the topic goes back.",
            "`liveprofile show` has the whole profile.",
        )
    evidence = [one for case in found for one in objects(case.steps[0][1].get("evidence"))]
    events = await events_of(reader, settings.topics, profile_id, evidence, settings.profile.policy.dims)
    if as_json:
        echo_json({"profile_id": profile_id, "anomalies": [case_json(one, events) for one in found]})
    else:
        _print_all(context, profile_id, [case_view(one, events) for one in found])


def _nothing(records: "list[ChangeRecord]", meant: "Question", at: datetime | None) -> UserError:
    """The error with paths to ask for instead."""
    from liveprofile.streams.query.explain_answer import members

    when = f" until {at.isoformat()}" if at else ""
    if meant.member is not None:
        held = members(records, meant.paths[0])
        return UserError(
            f"{meant.member!r} was never in {meant.paths[0]}{when}.",
            f"Its members so far: {', '.join(held)}." if held else "It never had a member.",
        )
    published = sorted({one.path for one in records})
    return UserError(
        f"No change of {' or '.join(meant.paths)} was published{when}, as far as the topic goes back.",
        f"There are changes of {', '.join(published)}."
        if published
        else "No change of this profile was published yet.",
    )


def _print_all(context: Context, profile_id: str, views: list[Any]) -> None:
    context.out.print(f"[dim]profile {profile_id}[/dim]")
    for view in views:
        context.out.print()
        context.out.print(view)
