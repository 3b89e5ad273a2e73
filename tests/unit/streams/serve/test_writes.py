"""What callers write: judged as ingest would, all or nothing, once for a key, and never repeated in an answer."""

import asyncio
import json
from typing import Any

import pytest
from aiokafka.structs import RecordMetadata
from litestar import Response
from support.serving import Shop, snapshot
from support.serving_fakes import TOPICS, profile_id

from liveprofile.streams.serve.api.idempotency import MOST_KEYS, WINDOW_S, Idempotency
from liveprofile.streams.serve.follow import writer

CLICK = {"topic": "clicks", "user_id": "u-1", "item_id": "i-1", "action": "cart", "price": 19.90}


async def post(shop: Shop, body: Any, path: str = "/v1/events", key: str = "", **headers: str) -> Any:
    return await shop.ask(
        path, method="POST", body=body, headers={**({"idempotency-key": key} if key else {}), **headers}
    )


async def test_an_event_is_written_as_it_was_sent_under_the_shoppers_own_id(shop: Shop) -> None:
    raw = b'{"topic":"clicks","user_id":"u-1","item_id":"i-1","price":19.90,"unheard_of":[1.0,  2]}'
    found = await post(shop, raw)
    assert found.status == 202 and found.headers["liveprofile-token"] == "clicks/0@0+"
    [(topic, key, value)] = shop.writer.sent
    assert (topic, key) == ("clicks", b"u-1")
    assert b'"price":19.90' in value and b"topic" not in value and json.loads(value)["unheard_of"] == [1.0, 2]


async def test_a_batch_goes_to_all_inputs_and_its_token_has_the_last_of_each_partition(shop: Shop) -> None:
    search = {"topic": "searches", "anonymous_id": 7, "query": "pans"}
    found = await post(shop, [CLICK, search, CLICK])
    assert found.json == {"written": 3, "positions": ["clicks/0@0+", "searches/0@1+", "clicks/0@2+"]}
    assert found.headers["liveprofile-token"] == "clicks/0@2+,searches/0@1+"
    assert [key for _, key, _ in shop.writer.sent] == [b"u-1", b"7", b"u-1"]


async def test_lines_are_as_good_as_a_list(shop: Shop) -> None:
    lines = b"\n".join(json.dumps(CLICK).encode() for _ in range(2)) + b"\n\n"
    found = await post(shop, lines, **{"content-type": "application/x-ndjson"})
    assert found.status == 202 and len(shop.writer.sent) == 2


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"topic": "clicks", "user_id": "u-1", "item_id": "i-1", "price": "secret"}, "wrong-type", "price"),
    ({"topic": "clicks", "user_id": "u-1", "item_id": "i-1", "price": -77123}, "out-of-range", "price"),
    ({"topic": "clicks", "item_id": "secret"}, "missing-user", "user_id"),
    ({"topic": "clicks", "user_id": "u", "item_id": "i", "action": "secret"}, "unknown-action", "action"),
    ({"topic": "clicks", "user_id": "u", "item_id": "i", "ts": "2001-01-01T00:00:00Z"}, "bad-time", "ts"),
    ({"topic": "clicks", "user_id": {"secret": 1}, "item_id": "i"}, "wrong-type", "user_id"),
    ({"topic": "secret", "user_id": "u"}, "unknown-topic", "topic"),
    ({"user_id": "u", "item_id": "secret"}, "unknown-topic", "topic"),
    (
        {"topic": "feedback", "user_id": "u", "about": "anomaly", "name": "secret", "verdict": "real"},
        "unknown-feedback",
        "verdict",
    ),
]


@pytest.mark.parametrize(("wrong", "reason", "field"), WRONG)
async def test_one_wrong_event_is_named_without_its_value_and_nothing_is_written(
    shop: Shop, wrong: dict[str, Any], reason: str, field: str
) -> None:
    found = await post(shop, [CLICK, wrong])
    assert found.status == 400 and found.problem == "wrong-event"
    assert (found.json["index"], found.json["reason"]) == (1, reason) and field in found.json["detail"]
    assert b"secret" not in found.body and b"77123" not in found.body
    assert shop.writer.sent == []


@pytest.mark.parametrize("body", [[], [CLICK] * 101, b"[1,", b"nonsense", [7], b"\xff"])
async def test_what_is_no_batch_of_events_is_refused(shop: Shop, body: Any) -> None:
    found = await post(shop, body)
    assert found.status in (400, 413) and shop.writer.sent == []


async def test_declarations_and_feedback_have_routes_of_their_own(shop: Shop) -> None:
    declared = await post(shop, {"user_id": "u-1", "attributes": {"language": "de"}}, "/v1/declarations")
    judged = {"user_id": "u-1", "about": "tag", "name": "pans", "verdict": "refused"}
    told = await post(shop, judged, "/v1/feedback")
    assert (declared.status, told.status) == (202, 202), (declared.body, told.body)
    assert [topic for topic, _, _ in shop.writer.sent] == ["declarations", "feedback"]


async def test_writing_and_erasing_need_their_scopes(shop: Shop) -> None:
    reader = shop.tokens.create("reader", ("profile:read",))
    for method, path in (
        ("POST", "/v1/events"),
        ("POST", "/v1/profiles:erase"),
        ("DELETE", f"/v1/profiles/{'0' * 32}"),
    ):
        found = await shop.ask(path, method=method, body=CLICK, token=reader)
        assert (found.status, found.problem) == (403, "not-allowed")
    assert shop.writer.sent == []


async def test_a_repetition_with_its_key_gets_the_first_answer_and_writes_nothing(shop: Shop) -> None:
    first, again = [await post(shop, CLICK, key="k-1") for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body) and len(shop.writer.sent) == 1
    assert first.headers["liveprofile-token"] == again.headers["liveprofile-token"]
    other = await post(shop, {**CLICK, "item_id": "i-2"}, key="k-1")
    assert (other.status, other.problem) == (422, "key-reused") and len(shop.writer.sent) == 1
    assert (await post(shop, CLICK, key="not visible: \x07")).status == 400


async def test_an_event_without_an_id_gets_the_same_one_in_every_process(tmp_path: Any) -> None:
    ids = []
    for name in ("one", "two"):
        shop = Shop(tmp_path / name)
        await post(shop, [CLICK, {**CLICK, "event_id": "mine"}], key="k-1")
        ids.append([json.loads(value)["event_id"] for _, _, value in shop.writer.sent])
        shop.store.close()
    assert ids[0] == ids[1] and ids[0][1] == "mine" and len(ids[0][0]) == 32


class Asked:
    """A request with a key, of somebody."""

    def __init__(self, key: str, who: str = "shop", body: bytes = b"") -> None:
        self.headers = {"idempotency-key": key}
        named = type("Who", (), {"name": who})
        self.scope = {"path": "/v1/events", "liveprofile.call": type("Call", (), {"who": named})}
        self._body = body

    async def body(self) -> bytes:
        return self._body


async def test_keys_are_forgotten_by_age_and_number_each_tokens_for_itself() -> None:
    now_s, done = [0.0], []
    idempotency = Idempotency(lambda: now_s[0])

    async def carry_out(seed: str) -> Response[bytes]:
        done.append(seed)
        return Response(b"")

    async def ask(key: str, who: str = "shop") -> bool:
        """Whether it was carried out."""
        before = len(done)
        await idempotency.once(Asked(key, who), carry_out)  # type: ignore[arg-type]  # as much as is needed
        return len(done) > before

    assert await ask("k-1") and not await ask("k-1") and await ask("k-1", "other")
    now_s[0] = WINDOW_S + 1
    assert await ask("k-1")
    assert all([await ask(f"many-{number}") for number in range(MOST_KEYS)])
    assert await ask("k-1") and not await ask(f"many-{MOST_KEYS - 1}")
    assert sum(len(kept) for kept in idempotency._kept.values()) <= 2 * MOST_KEYS


async def test_a_repetition_during_the_first_waits_for_it_and_after_a_failure_it_is_carried_out() -> None:
    idempotency, gate, calls = Idempotency(), asyncio.Event(), []

    async def carry_out(seed: str) -> Response[bytes]:
        calls.append(seed)
        await gate.wait()
        if len(calls) == 1:
            raise RuntimeError("no Kafka")
        return Response(b"")

    asking = [asyncio.create_task(idempotency.once(Asked("k"), carry_out)) for _ in range(2)]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    gate.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(one) for one in found] == [RuntimeError, RuntimeError] and len(calls) == 1
    await idempotency.once(Asked("k"), carry_out)  # type: ignore[arg-type]
    assert len(calls) == 2


async def test_an_erasure_tells_by_when_each_topic_is_clean(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    found = await shop.ask(f"/v1/profiles/{profile_id(1)}", method="DELETE")
    assert found.status == 202 and shop.erased == [profile_id(1)]
    assert (found.json["before"], found.json["partition"], found.json["topic"]) == ("profile", 3, TOPICS.activity)
    assert [one["clean_by"] is None for one in found.json["deadlines"]] == [False, True]
    assert shop.audited[-1].profiles == [profile_id(1)]


async def test_an_unknown_id_is_erased_only_where_that_is_asked_for(shop: Shop) -> None:
    body = {"user_id": "nobody"}
    found = await post(shop, body, "/v1/profiles:erase")
    assert found.problem == "not-found" and shop.erased == []
    found = await post(shop, {**body, "unknown": True}, "/v1/profiles:erase")
    assert found.status == 202 and found.json["before"] == "unknown" and len(shop.erased) == 1
    assert b"nobody" not in found.body


class Producer:
    """Takes a moment to start, and knows how many of it there are."""

    made = 0

    def __init__(self, **_: Any) -> None:
        Producer.made += 1

    async def start(self) -> None:
        await asyncio.sleep(0.01)

    async def send_and_wait(self, topic: str, value: bytes, key: bytes | None) -> RecordMetadata:
        return RecordMetadata(topic, 0, None, 7, 0, 0, 0)


async def test_many_first_writers_at_one_moment_share_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "AIOKafkaProducer", Producer)
    one = writer.Writer("localhost:9092")
    found = await asyncio.gather(*(one.send("clicks", b"k", b"{}") for _ in range(20)))
    assert Producer.made == 1 and {str(position) for position in found} == {"clicks/0@7"}
