"""Routes that edit rules: check, preview, difference, publication, undo."""

import asyncio
import difflib
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.admin.judge_rules import Fault, judged
from liveprofile.streams.admin.rule_versions import OtherContentError
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.rule_publications import publication, with_version
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.body import body_as
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.problems import ProblemError, RuleFault, no_kafka
from liveprofile.streams.serve.api.reading import accepted, answer, matches, require_ready
from liveprofile.streams.serve.api.rules import SCOPES, in_force_of
from liveprofile.streams.serve.follow.waiting import Position
from liveprofile.streams.serve.rules.preview import Preview, preview
from liveprofile.streams.serve.rules.rulebook import Rulebook, digest, etag, text_of
from liveprofile.streams.serve.service import Service

WRITE = ("segment:write",)
PREVIEW_S = 20.0
"""Longest time of a preview; what it has evaluated by then is a random part of all profiles."""
OWN_S = 5.0
"""Longest wait for a publication of this service's own, before the next one."""


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule file."""

    toml: str


class Checked(msgspec.Struct, frozen=True):
    """Whether a rule file can be published."""

    valid: bool
    rules: str | None
    """Name and version; null where the file cannot be read."""
    problems: list[RuleFault]
    lifecycle: int
    segments: int
    comparisons: int


class Difference(msgspec.Struct, frozen=True):
    """What a rule file changes in the rules in force."""

    before: str
    after: str
    added: list[str]
    """Segments and states, as `segments/NAME`."""
    removed: list[str]
    changed: list[str]
    unified: list[str]
    """Lines of the difference, the unified format."""


class Adopted(msgspec.Struct, frozen=True):
    """Rules that are durable on Kafka; workers apply them within seconds."""

    rules: str
    sha256: str
    replaces: str
    restores: str
    by: str
    """Name of the token."""
    position: str
    """Where their publication is."""
    partitions: int


def rule_edit_routes(service: Service, rulebook: Rulebook) -> list[HTTPRouteHandler]:
    """The handlers."""
    trying, publishing = asyncio.Semaphore(1), asyncio.Lock()

    @post(
        "/v1/rules:check",
        operation_id="checkRules",
        opt={"scopes": SCOPES},
        status_code=200,
        responses=answers(Checked, "Whether they can be published."),
    )
    async def check(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Check a rule file: syntax, names and types of features, contradictions; every fault at its rule."""
        text = (await body_as(request, RuleText)).toml
        rules, faults = await asyncio.to_thread(judged, text)
        counts = (len(rules.file.lifecycle), len(rules.file.segment), len(rules.lowered.atoms)) if rules else (0, 0, 0)
        found = Checked(not faults, rules.label if rules else None, _shown(faults), *counts)
        return answer(msgspec.json.encode(found))

    @post(
        "/v1/rules:preview",
        operation_id="previewRules",
        opt={"scopes": WRITE},
        status_code=200,
        responses=answers(Preview, "Who would enter and leave."),
    )
    async def try_out(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Try a rule file on all snapshots: who would enter and leave, with examples. Nothing is published."""
        require_ready(service)
        rules, in_force = await _usable(request), await in_force_of(rulebook)
        policy, at_ms = service.settings.profile.policy, now_ms()
        async with trying:
            found = await asyncio.to_thread(preview, service.store, policy, rules, at_ms, PREVIEW_S, in_force=in_force)
        steps = [*found.segments.values(), *found.lifecycle.values()]
        call_of(request).profiles += sorted({one for step in steps for one in (*step.entering, *step.leaving)})
        return answer(msgspec.json.encode(found))

    @post(
        "/v1/rules:diff",
        operation_id="compareRules",
        opt={"scopes": SCOPES},
        status_code=200,
        responses=answers(Difference, "The difference."),
    )
    async def diff(request: Request[Any, Any, Any]) -> Response[bytes]:
        """What a rule file changes in the rules in force."""
        rules, before = await _usable(request), await in_force_of(rulebook)
        return answer(msgspec.json.encode(_difference(before, rules)))

    @post(
        "/v1/rules",
        operation_id="publishRules",
        opt={"scopes": WRITE},
        status_code=202,
        responses=answers(Adopted, "The rules are durable on Kafka.", status=202),
    )
    async def publish(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Publish a rule file; `If-Match` names the rules that it replaces, so that nobody's edit is overwritten."""
        rules = await _usable(request)
        async with publishing:
            return await _publish(request, service, rulebook, rules)

    @post(
        "/v1/rules:undo",
        operation_id="undoRules",
        opt={"scopes": WRITE},
        status_code=202,
        responses=answers(Adopted, "The former rules are durable on Kafka, as a new version.", status=202),
    )
    async def undo(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Publish the rules before the last edit again, as a new version; `If-Match` names those that it takes back."""
        async with publishing:
            in_force = await _matched(request, service, rulebook)
            former = rulebook.former(in_force)
            text = with_version(text_of(former), rulebook.next_version(in_force))
            rules, faults = await asyncio.to_thread(judged, text)
            if rules is None or faults:
                raise ProblemError("wrong-rules", f"{former.label} cannot be used any more.", problems=_shown(faults))
            return await _publish(request, service, rulebook, rules, restores=former.label)

    return [check, try_out, diff, publish, undo]


async def _usable(request: Request[Any, Any, Any]) -> RuleSet:
    """The rules in the body. A ProblemError that has every fault."""
    rules, faults = await asyncio.to_thread(judged, (await body_as(request, RuleText)).toml)
    if rules is None or faults:
        raise ProblemError("wrong-rules", "These rules cannot be used.", problems=_shown(faults))
    return rules


def _shown(faults: list[Fault]) -> list[RuleFault]:
    return [RuleFault(one.rule, one.text, one.line) for one in faults]


async def _matched(request: Request[Any, Any, Any], service: Service, rulebook: Rulebook) -> RuleSet:
    """The rules in force, if the caller knows them. A ProblemError for others, and without If-Match."""
    require_ready(service)
    in_force, known = await in_force_of(rulebook), request.headers.get("if-match")
    if known is None:
        raise ProblemError("no-precondition", "If-Match has to name the ETag of the rules that are replaced.")
    if not matches(known, etag(in_force)):
        raise _changed(in_force)
    return in_force


def _changed(in_force: RuleSet | None) -> ProblemError:
    text = f"{in_force.label} is in force by now" if in_force else "Others were published at the same moment"
    return ProblemError("changed-meanwhile", f"{text}: read it, and decide again.")


async def _publish(
    request: Request[Any, Any, Any], service: Service, rulebook: Rulebook, rules: RuleSet, restores: str = ""
) -> Response[bytes]:
    in_force, topic = await _matched(request, service, rulebook), service.settings.topics.rules
    try:
        await service.publisher.require_one_content(rules, in_force)
    except OtherContentError as error:
        raise ProblemError("version-taken", str(error)) from None
    except LiveprofileError as error:
        raise no_kafka(str(error)) from None
    by, at_ms, expected = call_of(request).who.name, now_ms(), service.follower.reached(topic, 0)
    key, value = publication(rules, at_ms, by=by, replaces=in_force.label, restores=restores)
    position = await service.writer.send(topic, key, value)
    if expected is not None and position.offset != expected:  # another replica was first
        await service.writer.send(topic, key, None)
        raise _changed(None)
    try:
        partitions = await service.publisher.adopt(rules, at_ms)
    except LiveprofileError as error:
        await service.writer.send(topic, key, None)
        raise no_kafka(str(error)) from None
    await service.waiting.until([Position(topic, 0, position.offset)], OWN_S)
    found = Adopted(rules.label, digest(rules), in_force.label, restores, by, str(position), partitions)
    return accepted(found)


def _difference(before: RuleSet, after: RuleSet) -> Difference:
    was, will = _by_name(before), _by_name(after)
    lines = difflib.unified_diff(
        text_of(before).splitlines(), text_of(after).splitlines(), before.label, after.label, lineterm="", n=2
    )
    return Difference(
        before.label,
        after.label,
        [name for name in will if name not in was],
        [name for name in was if name not in will],
        [name for name, one in will.items() if name in was and was[name] != one],
        list(lines),
    )


def _by_name(rules: RuleSet) -> dict[str, Any]:
    states = {f"lifecycle/{one.name}": one for one in rules.file.lifecycle}
    return states | {f"segments/{one.name}": one for one in rules.file.segment}
