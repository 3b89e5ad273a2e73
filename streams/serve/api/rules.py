"""Routes of rules: in force, of any version, and their history with whom each edit moved."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.segments.rules import RuleSet, starter
from liveprofile.streams.contract.rule_publications import RulesPublished
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.problems import ProblemError, no_kafka
from liveprofile.streams.serve.api.reading import answer
from liveprofile.streams.serve.rules.rulebook import Rulebook, digest, etag, rules_of, text_of
from liveprofile.streams.serve.rules.words import program_words
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.flows import Flow

SCOPES = ("segment:read", "segment:write")


class LifecycleInWords(msgspec.Struct, frozen=True):
    """A lifecycle state; the first one whose rule holds is the shopper's."""

    name: str
    label: str
    meaning: str
    when: str
    words: str


class SegmentInWords(msgspec.Struct, frozen=True):
    """A segment's rule."""

    name: str
    label: str
    meaning: str
    enter: str
    exit: str
    """Empty for not enter."""
    stay: str
    """Minimum stay; empty for none."""
    words: str
    """When it is entered, and when it is left."""


class Published(msgspec.Struct, frozen=True):
    """A publication of rules."""

    rules: str
    sha256: str
    time: str
    by: str
    """Name of the token; empty for the command line."""
    replaces: str
    """The rules in force before; empty where the publisher did not know."""
    restores: str
    """The former rules that an undo put in force again; empty for an edit."""


class Rules(msgspec.Struct, frozen=True):
    """Rules, as a file and in words."""

    rules: str
    """Name and version."""
    name: str
    version: int
    sha256: str
    etag: str
    """What `If-Match` has to name when these rules are replaced."""
    snapshots: str
    """The rules of the newest snapshot: others for the seconds until workers have applied a publication."""
    published: Published | None
    """Null for rules that no publication tells of: the starter set, and those of earlier programs."""
    toml: str
    lifecycle: list[LifecycleInWords]
    segments: list[SegmentInWords]


class Edit(msgspec.Struct, frozen=True):
    """A publication, and whom it moved."""

    published: Published
    entered: int
    """Memberships of segments that began by it."""
    left: int
    segments: dict[str, Flow]
    lifecycle: dict[str, Flow]


class Edits(msgspec.Struct, frozen=True):
    """Publications, the newest first."""

    edits: list[Edit]
    moves_days: float
    """Moves are known of the last days: `serve.history_days`."""


def rule_routes(service: Service, rulebook: Rulebook) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get("/v1/rules", operation_id="readRules", opt={"scopes": SCOPES}, responses=answers(Rules, "The rules."))
    async def in_force() -> Response[bytes]:
        """The rules in force."""
        return _answer(service, rulebook, await in_force_of(rulebook))

    @get(
        "/v1/rules/history",
        operation_id="listRules",
        opt={"scopes": SCOPES},
        responses=answers(Edits, "Publications."),
    )
    async def history(limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100) -> Response[bytes]:
        """Who published which rules and when, and how many shoppers each edit moved."""
        found = [_edit(service, one) for one in reversed(service.store.publications.all())]
        return answer(msgspec.json.encode(Edits(found[:limit], service.settings.serve.history_days)))

    @get(
        "/v1/rules/{version:str}",
        operation_id="readRulesOf",
        opt={"scopes": SCOPES},
        responses=answers(Rules, "The rules."),
    )
    async def of(version: FromPath[str]) -> Response[bytes]:
        """Rules that were published: by name and version, or by the version alone."""
        if (published := rulebook.published(version)) is not None:
            return _answer(service, rulebook, rules_of(published.toml))
        if version == starter().label:
            return _answer(service, rulebook, starter())
        raise ProblemError("not-found", "No publication has this version.")

    return [in_force, history, of]


async def in_force_of(rulebook: Rulebook) -> RuleSet:
    """The rules in force. A ProblemError where Kafka has to be asked for them and does not answer."""
    try:
        return await rulebook.in_force()
    except LiveprofileError as error:
        raise no_kafka(str(error)) from None


def _answer(service: Service, rulebook: Rulebook, rules: RuleSet) -> Response[bytes]:
    published = rulebook.published(rules.label)
    found = Rules(
        rules.label,
        rules.file.name,
        rules.file.version,
        digest(rules),
        etag(rules),
        service.store.profiles.rules,
        _shown(published) if published else None,
        text_of(rules),
        [
            LifecycleInWords(one.name, one.label, one.meaning, _plain(one.when), _words(rules, f"lifecycle/{one.name}"))
            for one in rules.file.lifecycle
        ],
        [
            SegmentInWords(
                one.name, one.label, one.meaning, _plain(one.enter), _plain(one.exit), one.stay, _segment(rules, one)
            )
            for one in rules.file.segment
        ],
    )
    return answer(msgspec.json.encode(found), {"ETag": etag(rules)})


def _segment(rules: RuleSet, one: Any) -> str:
    leave = _words(rules, f"exit/{one.name}") if one.exit else "that no longer holds"
    stay = f", after {one.stay} at the earliest" if one.stay else ""
    return f"Entered when {_words(rules, f'enter/{one.name}')}. Left when {leave}{stay}."


def _words(rules: RuleSet, program: str) -> str:
    return program_words(rules.programs[program], rules.lowered)


def _plain(expression: str) -> str:
    return " ".join(expression.split())


def _shown(one: RulesPublished) -> Published:
    return Published(one.rules, one.sha256, one.time, one.by, one.replaces, one.restores)


def _edit(service: Service, one: RulesPublished) -> Edit:
    segments = service.store.flows.since(0, f"{one.rules}:segments")
    lifecycle = service.store.flows.since(0, f"{one.rules}:lifecycle")
    entered, left = (sum(getattr(flow, way) for flow in segments.values()) for way in ("entered", "left"))
    return Edit(_shown(one), entered, left, segments, lifecycle)
