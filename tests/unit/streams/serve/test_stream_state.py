"""What workers do and what was refused, over HTTP."""

import json

from support.serving import Shop
from support.serving_fakes import NOON_MS, TOPICS, profile_id, status

from liveprofile.streams.contract.dead_letters import dead_letter
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.serve.store.refused import MOST_SAMPLES
from liveprofile.streams.serve.store.store import Store

SECRET = "max.mustermann@example.com"
SINCE = "since=2026-01-01T00:00:00Z"


def refuse(shop: Shop, offset: int, reason: Reason = Reason.BAD_TIME, source: str = "clicks", raw: bool = True) -> None:
    """A dead letter that has the record itself, as ingest.raw_dead_letters makes it."""
    value = json.dumps({"user_id": SECRET, "ts": SECRET}).encode()
    key, letter, _ = dead_letter(Refusal(reason, reason.words), source, 1, offset, NOON_MS, value, raw=raw)
    shop.put(TOPICS.dead_letters, (key or profile_id(1).encode()).decode(), letter)


async def test_streams_have_rates_from_the_second_look_on(shop: Shop) -> None:
    shop.lookout.seen = []
    assert (await shop.ask("/v1/streams")).problem == "no-kafka"
    shop.lookout.seen = [status(NOON_MS, 100)]
    first = (await shop.ask("/v1/streams")).json
    assert (first["topics"][0]["records_per_s"], first["status"]["partitions"][0]["owner"]) == (None, "worker-1")
    shop.lookout.seen.append(status(NOON_MS + 2_000, 300))
    [topic] = (await shop.ask("/v1/streams")).json["topics"]
    assert (topic["records_per_s"], topic["lag_records"], topic["lag_seconds"]) == (100.0, 3, 0.5)


async def test_refused_records_are_counted_by_reason_and_source_and_show_nothing_of_what_was_sent(shop: Shop) -> None:
    for offset in range(3):
        refuse(shop, offset)
    refuse(shop, 9, Reason.NO_ITEMS, "purchases")
    found = await shop.ask(f"/v1/refused?{SINCE}")
    assert SECRET.encode() not in found.body and b"structure" not in found.body
    assert [(one["reason"], one["source"], one["count"]) for one in found.json["counts"]] == [
        ("bad-time", "clicks", 3),
        ("no-items", "purchases", 1),
    ]
    sample = found.json["samples"][-1]
    assert (sample["position"], sample["letter"], sample["bytes"] > 20) == ("clicks/1/0", "dead-letters/0/0", True)
    filtered = (await shop.ask(f"/v1/refused?{SINCE}&reason=no-items&limit=1")).json
    assert (filtered["total"], len(filtered["samples"]), filtered["samples"][0]["source"]) == (1, 1, "purchases")
    assert (await shop.ask("/v1/refused?since=2099-01-01T00:00:00Z")).json["total"] == 0


async def test_nothing_of_what_was_sent_is_in_the_store(shop: Shop) -> None:
    refuse(shop, 1)
    assert all(SECRET.encode() not in value for _, value in shop.store.database.scan(b"X"))


async def test_samples_are_bounded_and_counts_survive_a_restart(shop: Shop) -> None:
    for offset in range(MOST_SAMPLES + 5):
        refuse(shop, offset, raw=False)
    assert len(shop.store.refused.newest()) == MOST_SAMPLES
    shop.store.close()
    shop.store = again = Store(shop.folder / "store", cache_mb=8)
    assert again.refused.counts(0) == {("bad-time", "clicks"): MOST_SAMPLES + 5}
    assert again.refused.newest()[0].position == f"clicks/1/{MOST_SAMPLES + 4}"
    again.forget_old(1)
    assert again.refused.counts(0) == {} and again.refused.newest() == []


async def test_a_token_needs_the_scope(shop: Shop) -> None:
    reader, other = (
        shop.tokens.create(name, (scope,)) for name, scope in (("a", "stream:read"), ("b", "profile:read"))
    )
    assert (await shop.ask("/v1/refused", token=reader)).status == 200
    for path in ("/v1/refused", "/v1/streams"):
        assert (await shop.ask(path, token=other)).problem == "not-allowed"
