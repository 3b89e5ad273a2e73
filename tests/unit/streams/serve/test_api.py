"""The interface: what is read is the record, what is wrong is a problem of a documented type."""

import asyncio
import json

import pytest
from support.samples import anomaly
from support.serving import Shop, anomaly_of, change, snapshot
from support.serving_fakes import TOPICS, profile_id

from liveprofile.streams.serve.api.problems import TYPES
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.validate import validate

ONE = f"/v1/profiles/{profile_id(1)}"


async def test_a_profile_is_the_very_bytes_with_their_position(shop: Shop) -> None:
    value = json.dumps(snapshot(1, version=14)).encode()
    shop.put(TOPICS.profiles, profile_id(1), value, partition=1, times=4)
    found = await shop.ask(ONE)
    assert found.status == 200 and found.body == value
    assert found.headers["etag"] == '"14-1-3"'
    assert found.headers["liveprofile-position"] == "profiles/1@3"
    assert found.headers["age"] == "0" and found.headers["cache-control"] == "no-store"


async def test_whoever_has_the_answer_is_told_that_it_has_not_changed(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    known = await shop.ask(ONE)
    again = await shop.ask(ONE, headers={"if-none-match": known.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1, version=2))
    assert (await shop.ask(ONE, headers={"if-none-match": known.headers["etag"]})).status == 200


async def test_fields_are_cut_to_those_asked_for(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    found = (await shop.ask(f"{ONE}?fields=spend,nothing")).json
    assert found == {"profile_id": profile_id(1), "version": 1, "spend": {"band": "high", "total": 12.5}}


async def test_a_shops_own_id_is_looked_up_by_its_pseudonym_and_goes_no_further(shop: Shop) -> None:
    key = b"u-1042".hex().rjust(32, "0")
    shop.put(TOPICS.profiles, key, snapshot(1, profile_id=key))
    found = await shop.ask("/v1/profiles:lookup", method="POST", body={"user_id": "u-1042"})
    assert found.json["profile_id"] == key
    assert "u-1042" not in repr(shop.audited[-1])


async def test_a_batch_has_the_found_ones_and_names_the_missing_ones(shop: Shop) -> None:
    for number in (1, 2):
        shop.put(TOPICS.profiles, profile_id(number), snapshot(number))
    body = {"profile_ids": [profile_id(2), profile_id(9), profile_id(1)], "fields": ["cluster"]}
    found = (await shop.ask("/v1/profiles:batch", method="POST", body=body)).json
    assert [one["profile_id"] for one in found["profiles"]] == [profile_id(2), profile_id(1)]
    assert found["missing"] == [profile_id(9)]
    lines = await shop.ask("/v1/profiles:batch", method="POST", body=body, headers={"accept": "application/x-ndjson"})
    assert len([json.loads(line) for line in lines.body.splitlines()]) == 3


@pytest.mark.parametrize(
    "method, path, body, problem",
    [
        ("GET", "/v1/profiles/u-1042", None, "bad-request"),
        ("GET", f"/v1/profiles/{profile_id(9)}", None, "not-found"),
        ("GET", f"/v1/profiles/{profile_id(8)}", None, "erased"),
        ("GET", f"{ONE}?version=99", None, "not-found"),
        ("GET", f"{ONE}?version=1&at=2026-05-01T00:00:00Z", None, "bad-request"),
        ("GET", f"{ONE}?at=yesterday", None, "bad-request"),
        ("GET", f"{ONE}?version=-1", None, "bad-request"),
        ("GET", "/v1/profiles?limit=0", None, "bad-request"),
        ("GET", "/v1/segments/nobody/members", None, "not-found"),
        ("GET", "/v1/anomalies/7", None, "not-found"),
        ("GET", "/v1/stream?topics=clicks", None, "bad-request"),
        ("GET", "/v1/nowhere", None, "not-found"),
        ("PUT", "/v1/meta", None, "wrong-method"),
        ("POST", "/v1/profiles:batch", {"profile_ids": ["x"] * 101}, "bad-request"),
        ("POST", "/v1/profiles:batch", {"ids": []}, "bad-request"),
        ("POST", "/v1/profiles:batch", b"[" * 1_900, "bad-request"),
        ("POST", "/v1/profiles:batch", b"[" * 2_001, "too-large"),
        ("POST", "/v1/profiles:lookup", {}, "bad-request"),
    ],
)
async def test_what_is_wrong_is_a_problem_of_a_documented_type(
    shop: Shop, method: str, path: str, body: object, problem: str
) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    shop.put(TOPICS.profile_changes, profile_id(8), change(8, 1, "profile", None, None, origin="erasure"))
    found = await shop.ask(path, method=method, body=body)
    assert found.problem == problem and found.status == TYPES[problem].status
    assert "u-1042" not in found.body.decode()
    assert (await shop.ask(found.json["type"])).json["title"] == found.json["title"]


async def test_a_body_that_is_no_json_by_its_type_is_refused(shop: Shop) -> None:
    found = await shop.ask("/v1/profiles:lookup", method="POST", body=b"{}", headers={"content-type": "text/plain"})
    assert found.problem == "unsupported-media-type"


async def test_while_the_service_catches_up_what_is_not_there_yet_is_not_denied(shop: Shop) -> None:
    shop.follower.ready.clear()
    assert (await shop.ask(ONE)).problem == "not-ready"
    assert (await shop.ask("/v1/segments")).problem == "not-ready"
    assert (await shop.ask("/readyz")).status == 503
    assert (await shop.ask("/livez")).status == 200


async def test_a_read_waits_for_the_position_that_the_caller_names(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    headers = {"liveprofile-after": "profiles/0@1", "prefer": "wait=5"}
    asking = asyncio.create_task(shop.ask(ONE, headers=headers))
    await asyncio.sleep(0.05)
    assert not asking.done()
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1, version=2))
    shop.service.waiting.wake()
    assert (await asking).json["version"] == 2


async def test_a_read_is_never_silently_stale(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    found = await shop.ask(ONE, headers={"liveprofile-after": "profiles/0@7", "prefer": "wait=0.01"})
    assert found.problem == "not-up-to-position" and found.json["reached"] == "profiles/0@0"
    assert found.headers["retry-after"] == "1"
    assert (await shop.ask(ONE, headers={"liveprofile-after": "clicks/0@7"})).problem == "bad-request"
    assert (await shop.ask(ONE, headers={"liveprofile-after": "nonsense"})).problem == "bad-request"


async def test_at_a_version_the_later_changes_are_undone(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1, version=3, declared=[], said={"long": ["pans"]}))
    for version, path, before, after in (
        (1, "interests.long", [], ["books"]),
        (2, "declared", None, {"language": "de"}),
        (3, "interests.long", ["books"], ["pans"]),
    ):
        shop.put(TOPICS.profile_changes, profile_id(1), change(1, version, path, before, after), ms=1_000 * version)
    values = [(await shop.ask(f"{ONE}?version={version}")).json["values"] for version in range(4)]
    assert [one["interests.long"] for one in values] == [[], ["books"], ["books"], ["pans"]]
    assert [one["spend.band"] for one in values] == ["high"] * 4  # never changed
    assert values[1]["declared"] == {}
    at = (await shop.ask(f"{ONE}?at=1970-01-01T00:00:02Z")).json
    assert at["version"] == 2 and at["newest"] == 3 and "spend.total" in at["unknown"]


async def test_a_version_from_before_the_kept_changes_is_refused_with_the_oldest(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1, version=8))
    shop.put(TOPICS.profile_changes, profile_id(1), change(1, 7, "brands", [], ["Arbo"]))
    found = await shop.ask(f"{ONE}?version=5")
    assert found.problem == "not-kept" and found.json["oldest"] == 6
    assert (await shop.ask(f"{ONE}?version=6")).json["values"]["brands"] == []


async def test_changes_come_in_pages(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    for version in range(1, 6):
        shop.put(TOPICS.profile_changes, profile_id(1), change(1, version, "brands", [], [str(version)]))
    first = (await shop.ask(f"{ONE}/changes?limit=3")).json
    second = (await shop.ask(f"{ONE}/changes?limit=3&after_version={first['after_version']}")).json
    assert [one["version"] for one in first["changes"] + second["changes"]] == [1, 2, 3, 4, 5]
    assert second["after_version"] is None and first["oldest"] == 1


async def test_a_verdict_is_a_record_of_feedback_with_the_name_of_the_token(shop: Shop) -> None:
    step = anomaly_of(1, anomaly(profile_id(1), "raised", 1))
    shop.put(TOPICS.profile_anomalies, profile_id(1), step)
    token = shop.tokens.create("risk", ("anomaly:verdict",))
    path = f"/v1/anomalies/{step['anomaly_id']}/verdict"
    found = await shop.ask(path, method="POST", body={"verdict": "real", "reason": "<b>"}, token=token)
    assert found.status == 202 and found.json["position"] == "feedback/0@0"
    [(topic, _, value)] = shop.writer.sent
    assert validate("feedback", value) == PassedOver("verdict")  # no act of the shopper, and no dead letter
    record = json.loads(value)
    assert (topic, record["about"], record["name"], record["verdict"], record["by"]) == (
        "feedback",
        "anomaly",
        step["anomaly_id"],
        "real",
        "risk",
    )


async def test_the_stream_gives_what_happens_and_goes_on_at_an_id(shop: Shop) -> None:
    shop.put(TOPICS.profile_changes, profile_id(1), change(1, 1, "brands", [], ["before"]))
    asking = asyncio.create_task(shop.ask("/v1/stream?path=brands", stream_until=3))
    await asyncio.sleep(0.05)
    shop.put(TOPICS.profile_changes, profile_id(1), change(1, 2, "spend.band", "low", "high"))
    shop.put(TOPICS.profile_changes, profile_id(1), change(1, 3, "brands", [], ["Arbo"]))
    frames = (await asking).body.decode().split("\n\n")
    assert frames[0] == "retry: 2000" and "event: live" in frames[1]
    assert "event: change" in frames[2] and '"version":3' in frames[2] and "Arbo" in frames[2]


async def test_a_client_that_takes_nothing_is_closed_and_no_other(shop: Shop) -> None:
    asking = asyncio.create_task(shop.ask("/v1/stream"))
    await asyncio.sleep(0.05)
    large = change(1, 1, "brands", [], ["x" * 300_000])
    for version in range(1, 6):
        shop.put(TOPICS.profile_changes, profile_id(1), large | {"version": version})
    assert (await asking).body.count(b"event: change") < 5


async def test_the_description_names_every_route_and_its_problems(shop: Shop) -> None:
    description = (await shop.ask("/v1/openapi.json")).json
    assert description["openapi"].startswith("3.1")
    assert {"/v1/profiles/{profile_id}", "/v1/stream", "/v1/profiles:lookup"} <= description["paths"].keys()
    read = description["paths"]["/v1/profiles/{profile_id}"]["get"]
    assert {"200", "400", "401", "403", "404", "410", "429", "503"} <= read["responses"].keys()


@pytest.mark.parametrize("known", ["", '"1-0-0"', 'W/"1-0-0", "9-9-9"', '"9-9-9"', "*"])
async def test_the_quick_way_and_the_frameworks_give_the_same_answer(shop: Shop, known: str) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    headers = {"if-none-match": known} if known else {}
    quick, slow = [await shop.ask(path, headers=headers) for path in (ONE, f"{ONE}?fields=")]
    assert quick.status == (304 if known in ('"1-0-0"', 'W/"1-0-0", "9-9-9"', "*") else 200)
    for one in (quick, slow):
        for name in ("request-id", "server-timing", "ratelimit"):
            del one.headers[name]
    for name in ("content-type", "content-length"):  # of a body that an unchanged profile does not have
        in_the_frameworks = slow.headers.pop(name, None)
        assert quick.headers.pop(name, None) == in_the_frameworks or quick.status == 304
    assert (quick.status, quick.body, quick.headers) == (slow.status, slow.body, slow.headers)
    assert [call.route for call in shop.audited] == ["/v1/profiles/{profile_id}"] * 2


async def test_a_fault_of_the_service_is_a_problem_without_its_words(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(shop.store.profiles), "segment_sizes", lambda self: {}["a secret"])
    found = await shop.ask("/v1/segments")
    assert found.problem == "internal" and found.status == 500 and "secret" not in found.body.decode()
    assert found.headers["request-id"]
