"""A token never sees a field that its scopes do not name, on no route, in no header, whatever it asks for."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.rules import rule_text
from support.samples import anomaly
from support.serving import Shop, anomaly_of, change, snapshot
from support.serving_fakes import TOPICS, profile_id

from liveprofile.streams.serve.auth.groups import GROUPS
from liveprofile.streams.serve.auth.scopes import SCOPES

CANARIES = {group: f"canary-{group}" for group in GROUPS}
_PATHS = {
    "interests": "interests.long",
    "spend": "spend.band",
    "predictions": "predictions.churn",
    "traits": "price.band",
    "declared": "declared",
}
RULES = {"toml": rule_text("orders >= 1")}
LIMITED = [scope for scope in SCOPES if scope not in ("admin", "profile:read")]


def filled(folder: Path) -> Shop:
    """A shopper with a canary in every group, in the snapshot, in changes, in a rule's reason, in an anomaly."""
    shop = Shop(folder)
    fields = {
        "interests": {"session": [], "short": [], "long": [{"topic": CANARIES["interests"], "share": 1, "mass": 1}]},
        "spend": {"band": CANARIES["spend"]},
        "predictions": {"churn": {"band": CANARIES["predictions"]}},
        "traits": {"entry": CANARIES["traits"]},
        "declared": [{"name": "language", "value": CANARIES["declared"]}],
        "anomalies": [{"kind": CANARIES["anomalies"], "severity": 71}],
        "cluster": {"id": 1, "name": CANARIES["basic"]},
        "later": {"field": "canary-unknown"},
    }
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1, version=9, **fields))
    shop.put(TOPICS.profiles, profile_id(2), snapshot(2, version=1))
    for version, (group, path) in enumerate(_PATHS.items(), 1):
        after = {"language": CANARIES[group]} if path == "declared" else CANARIES[group]
        record = change(1, version, path, None, after)
        record["changes"][0]["message"] = CANARIES[group]
        shop.put(TOPICS.profile_changes, profile_id(1), record)
    ruled = change(1, 6, "segments", [], ["vip"])
    ruled["changes"][0] |= {"message": CANARIES["spend"], "reason": {"code": "C", "condition": CANARIES["spend"]}}
    shop.put(TOPICS.profile_changes, profile_id(1), ruled)
    shop.put(TOPICS.profile_changes, profile_id(1), change(1, 7, "later.path", None, "canary-unknown"))
    step = anomaly_of(1, anomaly(profile_id(1), "raised", 1)) | {"message": CANARIES["anomalies"]}
    shop.put(TOPICS.profile_anomalies, profile_id(1), step)
    return shop


def questions(shop: Shop) -> list[tuple[str, str, object]]:
    """Every route of the description, with parameters that reach as much as there is."""
    one = f"/v1/profiles/{profile_id(1)}"
    anomaly_id = next(iter(shop.store.anomalies.by_id))
    return [
        ("GET", one, None),
        ("GET", f"{one}?fields=spend,predictions,traits,declared,anomalies,interests,later", None),
        ("GET", f"{one}?version=8", None),
        ("GET", f"{one}?at=2030-01-01T00:00:00Z", None),
        ("GET", f"{one}/changes", None),
        ("GET", f"{one}/timeline", None),
        ("GET", f"{one}/recommendations", None),
        ("GET", f"{one}/similar", None),
        ("GET", f"{one}/anomalies", None),
        ("GET", "/v1/profiles", None),
        ("GET", "/v1/profiles?severity=1", None),
        ("POST", "/v1/profiles:batch", {"profile_ids": [profile_id(1)]}),
        ("POST", "/v1/profiles:batch", {"profile_ids": [profile_id(1)], "fields": ["spend", "later"]}),
        ("POST", "/v1/profiles:lookup", {"user_id": "x"}),
        ("POST", "/v1/profiles:erase", {"user_id": "x"}),
        ("POST", "/v1/events", {"topic": "clicks", "user_id": "x", "item_id": "i"}),
        ("POST", "/v1/declarations", {"user_id": "x", "attributes": {"language": "de"}}),
        ("POST", "/v1/feedback", {"user_id": "x", "about": "tag", "name": "vip", "verdict": "refused"}),
        ("GET", "/v1/anomalies", None),
        ("GET", f"/v1/anomalies/{anomaly_id}", None),
        ("GET", "/v1/segments", None),
        ("GET", "/v1/segments/vip", None),
        ("GET", "/v1/segments/vip/members", None),
        ("GET", "/v1/segments/flows", None),
        ("GET", "/v1/segments/overlap", None),
        ("GET", "/v1/rules", None),
        ("GET", "/v1/rules/history", None),
        ("GET", "/v1/rules/starter@1", None),
        ("POST", "/v1/rules:check", RULES),
        ("POST", "/v1/rules:diff", RULES),
        ("POST", "/v1/rules:preview", RULES),
        ("POST", "/v1/rules", RULES),
        ("POST", "/v1/rules:undo", None),
        ("GET", "/v1/streams", None),
        ("GET", "/v1/refused", None),
        ("GET", "/v1/clusters", None),
        ("GET", "/v1/models", None),
        ("GET", "/v1/meta", None),
    ]


def allowed(scopes: Sequence[str]) -> set[str]:
    """The canaries that the scopes name."""
    groups = {group for group in GROUPS if f"profile:read:{group}" in scopes}
    groups |= {"anomalies"} if "anomaly:read" in scopes else set()
    groups |= {"basic"} if "model:read" in scopes else set()  # names of clusters
    return {CANARIES[group] for group in groups}


async def _leaks(folder: Path, scopes: Sequence[str]) -> list[tuple[str, str]]:
    shop = filled(folder)
    token = shop.tokens.create("limited", tuple(scopes))
    hidden = {*CANARIES.values(), "canary-unknown"} - allowed(scopes)
    leaks = []
    for method, path, body in questions(shop):
        found = await shop.ask(path, method=method, body=body, token=token)
        assert found.status < 500, (path, found.body)
        shown = found.body.decode() + repr(found.headers)
        leaks += [(path, canary) for canary in hidden if canary in shown]
    asking = asyncio.create_task(shop.ask("/v1/stream", token=token, stream_until=6))
    await asyncio.sleep(0.02)
    if not asking.done():
        for version, (group, path) in enumerate(_PATHS.items(), 20):
            shop.put(TOPICS.profile_changes, profile_id(1), change(1, version, path, None, CANARIES[group]))
        await asyncio.sleep(0.02)
        shop.service.hub.stop()
    shown = (await asking).body.decode()
    leaks += [("/v1/stream", canary) for canary in hidden if canary in shown]
    shop.store.close()
    return leaks


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(LIMITED), min_size=1, max_size=6, unique=True))
def test_a_token_without_a_scope_never_sees_its_fields(scopes: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert asyncio.run(_leaks(Path(folder), scopes)) == []


def test_the_questions_reach_every_route() -> None:
    async def described() -> set[str]:
        with tempfile.TemporaryDirectory() as folder:
            shop = filled(Path(folder))
            paths = set((await shop.ask("/v1/openapi.json")).json["paths"])
            asked = {path.partition("?")[0] for _, path, _ in questions(shop)}
            shop.store.close()
        named = {
            one.replace(profile_id(1), "{profile_id}").replace("/vip", "/{name}").replace("/starter@1", "/{version}")
            for one in asked
        }
        named = {"/v1/anomalies/{anomaly_id}" if one.startswith("/v1/anomalies/") else one for one in named}
        return paths - named

    # explain needs the whole profile and Kafka; a verdict shows nothing; the stream is asked by itself
    assert asyncio.run(described()) == {
        "/v1/anomalies/{anomaly_id}/verdict",
        "/v1/problems/{kind}",
        "/v1/profiles/{profile_id}/explain/{path}",
        "/v1/stream",
    }
