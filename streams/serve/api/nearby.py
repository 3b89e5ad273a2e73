"""Routes that compare a profile with others, or with items: recommendations, similar shoppers, its anomalies."""

import asyncio
from typing import Annotated, Any

import msgspec
import orjson
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from liveprofile.profiles.facts.facts import AnomalyChanged
from liveprofile.profiles.items.recommend import Recommendation
from liveprofile.profiles.output.similar import Similar
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.api.reading import answer, id_of, note, snapshot_of, wait_for_own
from liveprofile.streams.serve.service import Service

_MOST = Annotated[int, QueryParameter(ge=1, le=100)]


class Recommendations(msgspec.Struct, frozen=True):
    """Items for a shopper, the best first."""

    profile_id: str
    items: list[Recommendation]


class SimilarProfiles(msgspec.Struct, frozen=True):
    """Shoppers with the most similar interests, the most similar first."""

    profile_id: str
    profiles: list[Similar]


class AnomaliesOf(msgspec.Struct, frozen=True):
    """All steps of a profile's anomalies."""

    profile_id: str
    anomalies: list[AnomalyChanged]


def nearby_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get(
        "/v1/profiles/{profile_id:str}/recommendations",
        operation_id="recommend",
        opt={"scopes": ("profile:read", "profile:read:interests")},
        responses=answers(Recommendations, "Items."),
    )
    async def recommendations(
        request: Request[Any, Any, Any],
        profile_id: FromPath[str],
        most: _MOST = 10,
        again: Annotated[bool, QueryParameter(description="Also items that were just bought.")] = False,
    ) -> Response[bytes]:
        """Items for a shopper, each with its reason."""
        key = id_of(profile_id)
        await wait_for_own(request, service, key)
        note(request, key)
        profile = orjson.loads(snapshot_of(service, key).value)
        found = await asyncio.to_thread(service.store.catalogue.recommend, profile, most, again=again)
        return answer(msgspec.json.encode(Recommendations(key.hex(), found)))

    @get(
        "/v1/profiles/{profile_id:str}/similar",
        operation_id="findSimilar",
        opt={"scopes": ("profile:read", "profile:read:interests")},
        responses=answers(SimilarProfiles, "Shoppers."),
    )
    async def similar(request: Request[Any, Any, Any], profile_id: FromPath[str], most: _MOST = 10) -> Response[bytes]:
        """Shoppers with the most similar interests."""
        key = id_of(profile_id)
        await wait_for_own(request, service, key)
        note(request, key)
        profile = orjson.loads(snapshot_of(service, key).value)
        if len(service.store.profiles) > service.directions.most_profiles:
            raise ProblemError(
                "not-found", f"Similar shoppers are found among at most {service.directions.most_profiles:,}."
            )
        try:
            found = await asyncio.to_thread(service.directions.nearest, profile, most)
        except ValueError:
            found = []
        return answer(msgspec.json.encode(SimilarProfiles(key.hex(), found)))

    @get(
        "/v1/profiles/{profile_id:str}/anomalies",
        operation_id="readAnomaliesOfProfile",
        opt={"scopes": ("profile:read", "profile:read:anomalies", "anomaly:read")},
        responses=answers(AnomaliesOf, "All steps, by anomaly."),
    )
    async def anomalies(request: Request[Any, Any, Any], profile_id: FromPath[str]) -> Response[bytes]:
        """Every step of the profile's anomalies, as on the topic."""
        key = id_of(profile_id)
        await wait_for_own(request, service, key)
        note(request, key)
        snapshot_of(service, key)
        steps = b",".join(value for _, value in service.store.anomalies.steps_of(key))
        return answer(b'{"profile_id":"%s","anomalies":[%s]}' % (key.hex().encode(), steps))

    return [recommendations, similar, anomalies]
