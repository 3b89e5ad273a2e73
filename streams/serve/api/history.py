"""Routes of a profile's past: its changes, its timeline, and why a value is as it is."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
import orjson
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from liveprofile.profiles.facts.facts import ProfileChanged, rfc3339
from liveprofile.streams.errors import NoKafkaError, UserError
from liveprofile.streams.query.explain import Explanation, explained
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.render.change_messages import anomaly_sentence, change_sentences
from liveprofile.streams.render.explanation import absence_json, answer_json, case_json
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.locale import VARY, Locale, in_language, language_of, record_in
from liveprofile.streams.serve.api.problems import ProblemError, no_kafka
from liveprofile.streams.serve.api.reading import (
    READ_SCOPES,
    answer,
    id_of,
    note,
    snapshot_of,
    wait_for_own,
)
from liveprofile.streams.serve.api.times import time_of
from liveprofile.streams.serve.auth.groups import RULED
from liveprofile.streams.serve.auth.scopes import Principal
from liveprofile.streams.serve.auth.seen import seen_change, seen_changes
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.publications import Cause, cause_of

EXPLAIN_S = 20.0
"""Longest time of an explanation: its events are looked for on Kafka."""
EXPLAIN_AT_ONCE = 2
_LIMIT = Annotated[int, QueryParameter(ge=1, le=1000)]


class Changes(msgspec.Struct, frozen=True):
    """A page of changes, the oldest first."""

    profile_id: str
    changes: list[ProfileChanged]
    after_version: int | None
    """What to ask for the next page with; null on the last one."""
    oldest: int | None
    """The oldest version that is kept; null where none is."""


class Moment(msgspec.Struct, frozen=True):
    """Something that happened to a profile."""

    time: str
    kind: Literal["change", "anomaly"]
    version: int | None
    """Of a change."""
    path: str
    """Of a change; of an anomaly its kind."""
    words: str
    cause: Cause | None = None
    """Of a move between segments or lifecycle states: an event, time, an edit of the rules, the shopper's own word."""
    rules: str | None = None
    """Of a move by an edit: the rules."""


class Timeline(msgspec.Struct, frozen=True):
    """What happened to a profile, the latest first."""

    profile_id: str
    moments: list[Moment]
    before: str | None
    """What to ask for earlier moments with; null where there are none."""


class Explained(msgspec.Struct, frozen=True):
    """Why a part of a profile is as it is, as data and in words."""

    profile_id: str
    words: list[str]
    answers: list[Any]
    """One a path."""
    anomalies: list[Any]
    """One an anomaly, the newest first."""
    not_in: Any
    """What the rules need of segments that the profile is not in; null where nobody asked about one."""


def history_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""
    slots = asyncio.Semaphore(EXPLAIN_AT_ONCE)

    @get(
        "/v1/profiles/{profile_id:str}/changes",
        operation_id="readChanges",
        opt={"scopes": READ_SCOPES},
        responses=answers(Changes, "A page of changes."),
    )
    async def changes(
        request: Request[Any, Any, Any],
        profile_id: FromPath[str],
        after_version: Annotated[int, QueryParameter(ge=0, le=2**32 - 2)] = 0,
        limit: _LIMIT = 100,
        locale: Locale = None,
    ) -> Response[bytes]:
        """The published changes of a profile, by version."""
        key, who, language = id_of(profile_id), call_of(request).who, language_of(request, service, locale)
        await wait_for_own(request, service, key)
        note(request, key)
        snapshot_of(service, key)
        kept = [one for one, _ in zip(service.store.history.of(key, after_version), range(limit + 1), strict=False)]
        page, more = kept[:limit], len(kept) > limit
        first = next(service.store.history.of(key), None)
        cut = [value for value in (seen_change(one.value, who) for one in page) if value is not None]
        seen = [record_in(value, language) for value in cut]
        tail = {"after_version": page[-1].number if more else None, "oldest": first.number if first else None}
        head = b'{"profile_id":"%s","changes":[%s],' % (key.hex().encode(), b",".join(seen))
        return answer(head + orjson.dumps(tail)[1:], VARY)

    @get(
        "/v1/profiles/{profile_id:str}/timeline",
        operation_id="readTimeline",
        opt={"scopes": READ_SCOPES},
        responses=answers(Timeline, "A page of moments."),
    )
    async def timeline(
        request: Request[Any, Any, Any],
        profile_id: FromPath[str],
        before: Annotated[str | None, QueryParameter(description="Only earlier moments, RFC 3339.")] = None,
        limit: _LIMIT = 100,
        locale: Locale = None,
    ) -> Response[bytes]:
        """What happened to a profile in words: changes and anomalies together, the latest first."""
        key, who, language = id_of(profile_id), call_of(request).who, language_of(request, service, locale)
        await wait_for_own(request, service, key)
        note(request, key)
        snapshot_of(service, key)
        until_ms = time_of("before", before)
        found = sorted(_moments(service, key, who, language), key=lambda one: one.time, reverse=True)
        fitting = [one for one in found if until_ms is None or one.time < rfc3339(until_ms)]
        more = fitting[limit - 1].time if len(fitting) > limit else None
        return answer(msgspec.json.encode(Timeline(key.hex(), fitting[:limit], more)), VARY)

    @get(
        "/v1/profiles/{profile_id:str}/explain/{path:str}",
        operation_id="explain",
        opt={"scopes": ("profile:read",)},
        responses=answers(Explained, "The explanation."),
    )
    async def explain(
        request: Request[Any, Any, Any],
        profile_id: FromPath[str],
        path: FromPath[str],
        at: FromQuery[str | None] = None,
        locale: Locale = None,
    ) -> Response[bytes]:
        """Why a path, a member of a set such as segments.loyal, or an anomaly is as it is, or was at a time."""
        key, at_ms, language = id_of(profile_id), time_of("at", at), language_of(request, service, locale)
        await wait_for_own(request, service, key)
        note(request, key)
        async with slots:
            try:
                async with asyncio.timeout(EXPLAIN_S):
                    found = await _explain(service, key, path, at_ms, language)
            except TimeoutError:
                raise ProblemError(
                    "too-slow", f"It was not explained within {EXPLAIN_S:.0f} s.", {"Retry-After": "5"}
                ) from None
            except NoKafkaError as error:
                raise no_kafka(error.message) from None
            except UserError as error:
                raise ProblemError("not-found", str(error)) from None
        return answer(msgspec.json.encode(found), VARY)

    return [changes, timeline, explain]


def _moments(service: Service, key: bytes, who: Principal, language: str | None) -> Iterable[Moment]:
    edited = service.store.publications.edited(key)
    for one in service.store.history.of(key):
        record = in_language(orjson.loads(one.value), language)
        for change in seen_changes(record.get("changes") or (), who):
            words = " ".join(change_sentences({"changes": [change]})) if who.sees_all else ""
            path, rules = str(change.get("path")), edited.get(one.number)
            if rules and not service.store.publications.touches(rules, path, change.get("before"), change.get("after")):
                rules = None
            cause = cause_of(str(record.get("origin")), rules) if path in RULED else None
            yield Moment(
                rfc3339(one.time_ms), "change", one.number, path, words, cause, rules if cause == "rules" else None
            )
    if who.sees_field("anomalies"):
        for time_ms, value in service.store.anomalies.steps_of(key):
            record = in_language(orjson.loads(value), language)
            yield Moment(rfc3339(time_ms), "anomaly", None, str(record.get("kind")), anomaly_sentence(record))


async def _explain(service: Service, key: bytes, path: str, at_ms: int | None, language: str | None) -> Explained:
    snapshot = orjson.loads(snapshot_of(service, key).value)
    published = [
        (_utc(one.time_ms), in_language(orjson.loads(one.value), language)) for one in service.store.history.of(key)
    ]
    anomalies = [
        (_utc(time_ms), in_language(orjson.loads(value), language))
        for time_ms, value in service.store.anomalies.steps_of(key)
    ]
    at = _utc(at_ms) if at_ms is not None else None
    async with open_reader(service.bootstrap, quiet=False) as reader:
        policy = service.settings.profile.policy
        found = await explained(
            reader, service.settings.topics, snapshot, published, anomalies, path, at=at, policy=policy
        )
    return _as_record(found)


def _as_record(found: Explanation) -> Explained:
    words = [word for one in found.answers for word in change_sentences({"changes": [one.now.change]})]
    words += [anomaly_sentence(step) for case in found.cases for _, step in case.steps]
    words += [found.absence.words] if found.absence else []
    return Explained(
        found.profile_id,
        words,
        [answer_json(one, found.events, found.spend) for one in found.answers],
        [case_json(one, found.events) for one in found.cases],
        absence_json(found.absence) if found.absence else None,
    )


def _utc(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)
