"""Routes about the service and the models: what is served, how far it is, clusters, models, types of problems."""

import math
from importlib.metadata import version
from typing import Annotated, Any

import msgspec
import orjson
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from liveprofile.streams.contract.model_events import ModelEvent
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.problems import ProblemError, as_page
from liveprofile.streams.serve.api.reading import answer, require_ready
from liveprofile.streams.serve.auth.groups import FIELDS
from liveprofile.streams.serve.auth.scopes import SCOPES
from liveprofile.streams.serve.service import Service


class PartitionState(msgspec.Struct, frozen=True):
    """How far a partition is read."""

    position: str
    age_s: float | None
    """How old the newest proof is that everything of it is here; null before the first."""


class Meta(msgspec.Struct, frozen=True):
    """What is served, and how far it is."""

    version: str
    app_id: str
    ready: bool
    profiles: int
    rules: str
    positions: list[PartitionState]
    inputs: list[str]
    """Of each input partition the position that all profiles have reached; those without one are left out."""
    unreadable: dict[str, int]
    """Records that could not be read since the start, by topic."""
    anomalies: dict[str, int]
    """Profiles with an open anomaly, by kind."""
    scopes: dict[str, str]
    fields: dict[str, str]
    """The group of each field of a snapshot."""


class ClusterOf(msgspec.Struct, frozen=True):
    """A cluster of shoppers."""

    id: int
    name: str | None
    size: int
    share: float


class Clusters(msgspec.Struct, frozen=True):
    """All clusters that have a member, the largest first."""

    clusters: list[ClusterOf]


class Models(msgspec.Struct, frozen=True):
    """Versions that are kept, and the last events of models."""

    versions: list[str]
    events: list[ModelEvent]


def meta_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""
    profiles = service.store.profiles

    @get(
        "/v1/meta",
        operation_id="readMeta",
        responses=answers(Meta, "What is served."),
    )
    async def meta() -> Response[bytes]:
        """What is served, and how far it is."""
        found = Meta(
            version("liveprofile"),
            service.settings.app_id,
            service.follower.ready.is_set(),
            len(profiles),
            profiles.rules,
            list(_partitions(service)),
            [str(one) for one in sorted(service.follower.inputs_reached())],
            service.follower.unreadable,
            profiles.kind_sizes(),
            SCOPES,
            dict(FIELDS),
        )
        return answer(msgspec.json.encode(found))

    @get(
        "/v1/clusters",
        operation_id="listClusters",
        opt={"scopes": ("model:read",)},
        responses=answers(Clusters, "Clusters."),
    )
    async def clusters() -> Response[bytes]:
        """The clusters of shoppers with their exact sizes."""
        require_ready(service)
        sizes = {number: len(members) for number, members in list(profiles.clusters.items()) if members}
        found = [
            ClusterOf(number, profiles.cluster_names.get(number), size, round(size / max(len(profiles), 1), 6))
            for number, size in sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
        ]
        return answer(msgspec.json.encode(Clusters(found)))

    @get(
        "/v1/models",
        operation_id="listModels",
        opt={"scopes": ("model:read",)},
        responses=answers(Models, "Models."),
    )
    async def models(limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100) -> Response[bytes]:
        """The versions of models that are kept, and their last events, the newest first."""
        versions = sorted({key.partition("/")[0] for key in service.store.model_keys()}, key=_natural, reverse=True)
        events = b",".join(service.store.model_events(limit))
        return answer(b'{"versions":%s,"events":[%s]}' % (orjson.dumps(versions), events))

    @get("/v1/problems/{kind:str}", operation_id="readProblem", responses=answers(dict[str, Any], "What it means."))
    async def problem(kind: FromPath[str]) -> Response[bytes]:
        """What a type of problem means, and what to do."""
        if (page := as_page(kind)) is None:
            raise ProblemError("not-found", "There is no such type of problem.")
        return answer(page)

    @get("/livez", include_in_schema=False)
    async def livez() -> Response[bytes]:
        return _probe(service.follower.alive)

    @get(["/readyz", "/startupz"], include_in_schema=False)
    async def readyz() -> Response[bytes]:
        return _probe(service.follower.ready.is_set() and service.follower.alive)

    return [meta, clusters, models, problem, livez, readyz]


def _probe(good: bool) -> Response[bytes]:
    return Response(b"ok\n" if good else b"no\n", status_code=200 if good else 503, media_type="text/plain")


def _partitions(service: Service) -> Any:
    for place, offset in sorted(service.follower.positions.items()):
        age_s = service.follower.age_s(place.topic, place.partition)
        position = f"{place.topic}/{place.partition}@{offset - 1}"
        yield PartitionState(position, round(age_s, 3) if math.isfinite(age_s) else None)


def _natural(name: str) -> tuple[str, int]:
    """Versions by number, not by text."""
    head, _, number = name.rpartition("@")
    return head, int(number) if number.isdigit() else 0
