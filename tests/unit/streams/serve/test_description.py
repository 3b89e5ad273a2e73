"""Whatever the description allows is answered as it says: no server error, no answer that it does not have."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from support.samples import anomaly
from support.serving import TOPICS, Shop, anomaly_of, change, profile_id, snapshot

STREAM = r"/v1/stream"  # has no end, and is tested by itself
EXPLAIN = r"/v1/profiles/{profile_id}/explain/{path}"  # needs Kafka


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    """The description of a service with a few profiles."""
    shop = Shop(tmp_path_factory.mktemp("shop"), requests_per_s=1e9)
    for number in range(3):
        shop.put(TOPICS.profiles, profile_id(number), snapshot(number))
        shop.put(TOPICS.profile_changes, profile_id(number), change(number, 1, "brands", [], ["Arbo"]))
        step = anomaly_of(number, anomaly(profile_id(number), "raised", 1))
        shop.put(TOPICS.profile_anomalies, profile_id(number), step)
    yield schemathesis.openapi.from_asgi("/v1/openapi.json", shop.app, headers={"Host": "localhost"})
    shop.store.close()


api = schemathesis.pytest.from_fixture("described").exclude(path=[STREAM, EXPLAIN])


@api.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_route_answers_as_it_is_described(case: schemathesis.Case) -> None:
    checks = [schemathesis.checks.not_a_server_error, schemathesis.checks.CHECKS.get_one("status_code_conformance")]
    checks.append(schemathesis.checks.CHECKS.get_one("content_type_conformance"))
    case.call_and_validate(headers={"Host": "localhost"}, checks=checks)
