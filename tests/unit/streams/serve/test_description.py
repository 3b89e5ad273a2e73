"""Whatever the description allows is answered as it says: no server error, no answer that it does not have."""

from collections import Counter
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS
from support.samples import anomaly
from support.serving import Shop, anomaly_of, change, snapshot
from support.serving_fakes import TOPICS, profile_id

APART = ("/v1/stream", "/v1/profiles/{profile_id}/explain/{path}")
"""The stream has no end, and is tested by itself; an explanation needs Kafka."""
QUESTIONS = 25
"""For each route. They depend on the constants in all loaded modules, so other code, and other tests beside this one,
may change them: with 15, the answers 200 came to 99."""
NAMES = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
LOCAL = {"Host": "localhost"}


def filled(folder: Path) -> Shop:
    """A service with a few profiles."""
    shop = Shop(folder, requests_per_s=1e9)
    for number in range(3):
        shop.put(TOPICS.profiles, profile_id(number), snapshot(number))
        shop.put(TOPICS.profile_changes, profile_id(number), change(number, 1, "brands", [], ["Arbo"]))
        step = anomaly_of(number, anomaly(profile_id(number), "raised", 1))
        shop.put(TOPICS.profile_anomalies, profile_id(number), step)
    return shop


def test_every_route_answers_as_it_is_described(tmp_path: Path) -> None:
    shop = filled(tmp_path)
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", shop.app, headers=LOCAL)
    token = shop.tokens.create("tester", ("admin",))
    checks, asked, answered_with = [CHECKS.get_one(name) for name in NAMES], set(), Counter[int]()

    def ask(operation: schemathesis.APIOperation) -> None:  # type: ignore[type-arg]  # of whatever kind
        @settings(
            max_examples=QUESTIONS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=True,
        )
        @given(operation.as_strategy())
        def answered(case: schemathesis.Case) -> None:
            case.headers["Authorization"] = f"Bearer {token}"  # not a made-up one: each would be refused
            answered_with[case.call_and_validate(headers=LOCAL, checks=checks).status_code] += 1

        answered()
        asked.add(operation.path)

    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path not in APART:
            ask(operation)
    assert len(asked) > 20 and answered_with[200] > 100
    shop.store.close()
