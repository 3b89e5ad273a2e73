"""Explains a profile: why a path of it is as it is, from the changes, the anomalies and the events on the topics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.query import profile
from liveprofile.streams.query.absence import PATH as SEGMENTS
from liveprofile.streams.query.absence import Absence, absence
from liveprofile.streams.query.explain_answer import (
    Answer,
    Case,
    ChangeRecord,
    answers,
    cases,
    change_records,
    is_erased,
    members,
    objects,
)
from liveprofile.streams.query.explain_question import Question, question
from liveprofile.streams.query.explain_read import Found, events_of, published_of
from liveprofile.streams.query.reader import Reader

Published = tuple[datetime, Mapping[str, Any]]
"""A record of an output topic, with the time of its event."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a part of a profile is as it is.

    Asked about paths there are answers, asked about anomalies there are cases; never both.

    >>> Explanation("a57ad515edc580a1").answers
    ()
    """

    profile_id: str
    answers: tuple[Answer, ...] = ()
    """One a path: the change that made it what it is, and up to five changes before that."""
    cases: tuple[Case, ...] = ()
    """One an anomaly, the newest first: its steps from raised to cleared."""
    events: Found = field(default_factory=dict)
    """What the events were that evidence names, by their source; without those that `activity` no longer has."""
    spend: Mapping[str, Any] = field(default_factory=dict)
    """The spend of the present snapshot: of how many orders its sums are."""
    absence: Absence | None = None
    """Asked about segments that the profile is not in: what their rules need. None otherwise."""


async def explain(
    reader: Reader, topics: Topics, wanted: str, asked: str, *, at: datetime | None = None, policy: Policy
) -> Explanation:
    """Why `asked`, a path or an anomaly of the profile whose id starts with `wanted`, is as it is, or was `at` a time.

    `policy` is that of the workers. UserError where there is no such profile or path, where the
    profile was erased, and where the topics say nothing about it.
    """
    snapshot = await profile.find(reader, topics, wanted)
    profile_id = str(snapshot.get("profile_id", wanted))
    published = await published_of(reader, topics.profile_changes, profile_id)
    meant = question(asked, (one.path for one in change_records(published)))
    anomalies = await published_of(reader, topics.profile_anomalies, profile_id) if meant.kinds else []
    return await explained(reader, topics, snapshot, published, anomalies, asked, at=at, policy=policy)


async def explained(
    reader: Reader,
    topics: Topics,
    snapshot: Mapping[str, Any],
    published: Sequence[Published],
    anomalies: Sequence[Published],
    asked: str,
    *,
    at: datetime | None = None,
    policy: Policy,
) -> Explanation:
    """The same for who has the snapshot, the changes and the anomalies of the profile already, each with its time."""
    profile_id = str(snapshot.get("profile_id"))
    records = change_records(published)
    if is_erased(records):
        raise UserError(f"The profile {profile_id} was erased.", "Nothing of it is left to explain.")
    meant = question(asked, (one.path for one in records))
    if meant.kinds:
        found = _cases(anomalies, meant, at)
        evidence = [one for case in found for one in objects(case.steps[0][1].get("evidence"))]
        events = await events_of(reader, topics, profile_id, evidence, policy.dims)
        return Explanation(profile_id, cases=found, events=events)
    about = tuple(answers(records, meant, at=at))
    absent = None
    if at is None and (not about or meant.paths == (SEGMENTS,)):
        absent = await absence(reader, topics, snapshot, meant, policy)
    if not about and absent is None:
        raise _nothing(records, meant, at)
    evidence = [one for answer in about for one in objects(answer.now.record.get("evidence"))]
    events = await events_of(reader, topics, profile_id, evidence, policy.dims)
    spend = snapshot.get("spend") or {}
    return Explanation(profile_id, answers=about, events=events, absence=absent, spend=spend)


def _cases(anomalies: Iterable[Published], meant: Question, at: datetime | None) -> tuple[Case, ...]:
    """The anomalies that are meant. UserError for none."""
    found = cases(anomalies, meant, at=at)
    if not found:
        raise UserError(
            f"No anomaly of this profile ({', '.join(meant.kinds)}) was raised{_until(at)}, as far as the topic goes "
            "back.",
            "`liveprofile show` has the whole profile.",
        )
    return tuple(found)


def _nothing(records: Iterable[ChangeRecord], meant: Question, at: datetime | None) -> UserError:
    """The error with paths to ask for instead."""
    known = list(records)
    if meant.member is not None:
        held = members(known, meant.paths[0])
        return UserError(
            f"{meant.member!r} was never in {meant.paths[0]}{_until(at)}.",
            f"Its members so far: {', '.join(held)}." if held else "It never had a member.",
        )
    published = sorted({one.path for one in known})
    return UserError(
        f"No change of {' or '.join(meant.paths)} was published{_until(at)}, as far as the topic goes back.",
        f"There are changes of {', '.join(published)}."
        if published
        else "No change of this profile was published yet.",
    )


def _until(at: datetime | None) -> str:
    return f" until {at.isoformat()}" if at else ""
