"""F11, F12 and F16: poison among valid records, hostile strings, and records and shoppers that are too large."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from liveprofile.profiles.facts.facts import AnomalyChanged, ProfileChanged
from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.row import row_dtype
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.dead_letters import DeadLetter
from liveprofile.streams.contract.inputs import MAX_RECORD_BYTES
from liveprofile.streams.simulator.simulator import Simulator
from tests.faults.post import Letter, configure, post, profile_id, rows_of
from tests.faults.shop import QUIET_S
from tests.support.hostile import TOPICS, hostile_records
from tests.support.hostile_values import NASTY_TEXTS, honest_event
from tests.support.topics_now import records_of

if TYPE_CHECKING:
    from tests.faults.shop import Shop
    from tests.faults.trial import Trial

LARGEST_SENT = 1_000_000
"""A broker refuses larger records itself, unless it is told otherwise."""
SLOWER_AT_MOST = 0.2
MEASURED_FROM = 50_000
"""With fewer events the slowdown says nothing."""
SNAPSHOT_CAP = 16_384
"""Most bytes of a snapshot: every list in it is bounded."""


async def poison(trial: Trial) -> None:
    """F11: `n` fuzzed payloads among the valid ones: no crash, each accounted for with a reason, little slower.

    The speed is measured on a backlog, when all texts have been seen before: the model's work would hide everything.
    """
    bad = [
        Letter(one.topic, one.key, one.value)
        for one in hostile_records(trial.n, trial.seed)
        if len(one.value or b"") < LARGEST_SENT
    ]
    mixed = [*_honest(trial.random, trial.events), *bad]
    trial.random.shuffle(mixed)
    async with trial.shop() as shop:
        worker = await shop.workers.start()
        await post(shop, mixed)
        await shop.drain()
        if trial.events >= MEASURED_FROM:
            await shop.workers.stop(worker)
            plain = await _per_second(shop, list(_honest(trial.random, trial.events)))
            poisoned = await _per_second(shop, mixed)
            trial.notes["events_per_s"] = {"without poison": round(plain), "with it": round(poisoned)}
            trial.require(poisoned > (1 - SLOWER_AT_MOST) * plain, f"{1 - poisoned / plain:.0%} slower with poison")
        await trial.check(shop, rebuild=False)
        crashes = len(shop.workers.ended)
    trial.notes |= {"poison": len(bad), "crashes": crashes}
    trial.require(crashes == 0, f"a worker crashed {crashes} times")


async def hostile_strings(trial: Trial) -> None:
    """F12: every hostile string in every field, and beside it a twin with plain strings in the same places.

    Where both are accepted, their counts and sums must be equal: a string has no effect outside its field.
    """
    async with trial.shop() as shop:
        await shop.workers.start()
        await post(shop, islice(shopping(trial.seed), trial.events))
        await shop.drain()
        files, lines = _file_names(shop), _log_lines(shop)
        at_ms, texts = now_ms(), [*NASTY_TEXTS, "A" * 900_000]
        for number, text in enumerate(texts):
            await post(shop, _hostile_events(f"hostile-{number}", text, at_ms))
            await post(shop, _hostile_events(f"plain-{number}", "plain words", at_ms))
            await post(shop, [_click({"user_id": text, "title": "Red Vase"})])
        await shop.drain()
        new_files, new_lines = _file_names(shop) - files, _log_lines(shop)[len(lines) :]
        await trial.check(shop, rebuild=False)
        equal, differing = await _twins(shop, len(texts))
        crashes = len(shop.workers.ended)
        broken = await _not_as_the_schema_says(shop)
        logged = [line for line in _log_lines(shop) if not _is_one_event(line)]
    trial.notes |= {"strings": len(texts), "equal_twins": equal, "crashes": crashes, "log_lines": len(new_lines)}
    trial.require(crashes == 0, f"a worker crashed {crashes} times")
    trial.require(not differing, f"strings had an effect outside their field: {differing}")
    trial.require(not broken, f"records that are not as their schema says: {dict(broken)}")
    trial.require(not logged, f"{len(logged)} log lines are no events of their own")
    trial.require(not new_files, f"new files on the worker's disk: {sorted(new_files)[:5]}")
    trial.require(len(new_lines) < len(texts), f"{len(new_lines)} log lines for {len(texts)} strings")


async def oversize(trial: Trial) -> None:
    """F16: records just below and above the limit, and one shopper with very many events."""
    async with trial.shop() as shop:
        await shop.workers.start()
        for topic in shop.topics.all():
            if topic.name in shop.topics.inputs:
                await configure(shop, topic, max_message_bytes=str(4 << 20))
        for number in range(trial.n):
            await post(shop, _large("query", 0.9, number))
            await post(shop, _large("junk", 0.9, number))
            await post(shop, _large("junk", 1.1, number))
        await post(shop, _busy_shopper(trial.random, trial.events))
        await shop.drain()
        await trial.check(shop)
        row, snapshot_bytes = await _busiest(shop)
        largest = await _largest_snapshot(shop)
        crashes = len(shop.workers.ended)
    events = int(row["events"])
    trial.notes |= {"crashes": crashes, "row_bytes": row_dtype(Policy().dims).itemsize, "busy_events": events}
    trial.notes |= {"busy_snapshot_bytes": snapshot_bytes, "largest_snapshot_bytes": largest}
    trial.require(crashes == 0, f"a worker crashed {crashes} times")
    trial.require(events == trial.events, f"{events:,} of {trial.events:,} events are in the busy shopper's profile")
    trial.require(largest <= SNAPSHOT_CAP, f"a snapshot has {largest:,} bytes, over {SNAPSHOT_CAP:,}")
    trial.require(trial.notes["dead_letters"] == 2 * trial.n, "what is too large did not go to dead-letters")


def shopping(seed: int, users: int = 3_000) -> Iterator[Letter]:
    """Valid events of a simulated shop, stamped now, without end."""
    for event in Simulator(seed, users).events():
        yield Letter(event.topic, event.key, event.value(now_ms()))


def _honest(random: Random, count: int) -> Iterator[Letter]:
    """Valid events of three thousand shoppers, of few different texts."""
    for number in range(count):
        topic, user_id = TOPICS[number % len(TOPICS)], f"u{random.randrange(3_000)}"
        event = honest_event(random, topic) | {"event_id": f"h{number}", "user_id": user_id, "ts": now_ms()}
        yield Letter(topic, user_id.encode(), orjson.dumps(event))


async def _per_second(shop: Shop, letters: list[Letter]) -> float:
    """Activities and dead letters a second from a backlog, from a worker's being ready to the last commit.

    Not records: a hostile order may have two hundred lines, and each becomes an activity.
    """
    await post(shop, letters)
    before = await _written(shop)
    worker = await shop.workers.start()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await shop.drain()
    seconds = loop.time() - began - QUIET_S
    await shop.workers.stop(worker)
    return (await _written(shop) - before) / seconds


async def _written(shop: Shop) -> int:
    """Records on `activity` and `dead-letters`."""
    topics = (shop.topics.activity, shop.topics.dead_letters)
    places = [TopicPartition(topic, number) for topic in topics for number in range(shop.topics.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=shop.bootstrap) as consumer:
        return sum((await consumer.end_offsets(places)).values())


def _click(event: dict[str, Any]) -> Letter:
    return Letter("clicks", None, orjson.dumps(event))


def _hostile_events(user_id: str, text: str, at_ms: int) -> Iterator[Letter]:
    """A text in each field in turn; all else is the same for everybody."""
    click = {"user_id": user_id, "title": "Red Vase", "category": "home/decor", "action": "cart", "price": 5}
    order = {"user_id": user_id, "order_id": "o", "currency": "EUR", "total": 25, "items": [{"title": "Vase"}]}
    for at, field in enumerate(("title", "category", "brand", "item_id", "session_id", "event_id", "device", "ip")):
        yield Letter("clicks", user_id.encode(), _dumps(click | {"ts": at_ms + at, field: text}))
    yield Letter("searches", user_id.encode(), _dumps({"user_id": user_id, "ts": at_ms, "query": f"vase {text}"}))
    yield Letter("purchases", user_id.encode(), _dumps(order | {"ts": at_ms, "order_id": text}))


def _dumps(event: dict[str, Any]) -> bytes:
    return msgspec.json.encode(event)


async def _twins(shop: Shop, count: int) -> tuple[int, list[str]]:
    """How many hostile shoppers count and sum as their plain twin does, and which do not.

    Only those are compared of whom as many events were accepted.
    """
    rows = await rows_of(shop)
    equal, differing = 0, []
    for number in range(count):
        hostile, plain = (rows.get(profile_id(f"{kind}-{number}")) for kind in ("hostile", "plain"))
        if hostile is not None and plain is not None and hostile["events"] == plain["events"]:
            same = all(hostile[name] == plain[name] for name in ("orders", "refunds", "spent", "first_ms", "seen_ms"))
            equal += same
            differing += [] if same else [f"text {number}"]
    return equal, differing


async def _not_as_the_schema_says(shop: Shop) -> Counter[str]:
    """Records of the outputs that their schema does not allow, or whose key is no profile id."""
    topics, broken = shop.topics, Counter[str]()
    schemas: dict[str, type[msgspec.Struct]] = {
        topics.profile_changes: ProfileChanged,
        topics.profile_anomalies: AnomalyChanged,
        topics.profiles: ProfileSnapshot,
        topics.dead_letters: DeadLetter,
    }
    for name, schema in schemas.items():
        async for record in records_of(shop.bootstrap, name, topics.partitions):
            try:
                msgspec.json.decode(record.value, type=schema)
            except msgspec.MsgspecError:
                broken[name] += 1
            keyed = name == topics.dead_letters or (len(record.key) == 32 and bytes.fromhex(record.key.decode()))
            broken[name] += not keyed
    return +broken


def _file_names(shop: Shop) -> set[Path]:
    folders = [path for path in shop.folder.iterdir() if path.name != "broker"]
    return {path for folder in folders for path in folder.rglob("*")}


def _log_lines(shop: Shop) -> list[bytes]:
    return [line for path in shop.workers.logs() for line in path.read_bytes().splitlines()]


def _is_one_event(line: bytes) -> bool:
    """Whether a log line is a JSON object with a time, a level and an event."""
    try:
        return {"time", "level", "event"} <= orjson.loads(line).keys()
    except (orjson.JSONDecodeError, AttributeError):
        return False


def _large(field: str, share: float, number: int) -> list[Letter]:
    event = {"user_id": f"large-{number}", "query": "red vase", "junk": ""} | {field: ""}
    room = round(share * MAX_RECORD_BYTES) - len(orjson.dumps(event))
    return [Letter("searches", None, orjson.dumps(event | {field: "x" * room}))]


def _busy_shopper(random: Random, count: int) -> Iterator[Letter]:
    """One shopper who does everything, in thousands of categories and brands, for a month."""
    at_ms = now_ms() - count * 25_000
    for number in range(count):
        event = {
            "user_id": "busy",
            "event_id": f"b{number}",
            "ts": at_ms + number * 25_000,
            "action": random.choice(["view", "click", "cart", "favourite", "share"]),
            "category": f"shelf/{random.randrange(3_000)}",
            "brand": f"brand {random.randrange(3_000)}",
            "title": f"thing {random.randrange(500)}",
            "item_id": f"i{random.randrange(10_000)}",
        }
        yield Letter("clicks", b"busy", orjson.dumps(event))


async def _busiest(shop: Shop) -> tuple[Any, int]:
    """The busy shopper's row, and the size of the last snapshot."""
    key, size = profile_id("busy"), 0
    async for record in records_of(shop.bootstrap, shop.topics.profiles, shop.topics.partitions):
        if record.key == key:
            size = len(record.value)
    return (await rows_of(shop))[key], size


async def _largest_snapshot(shop: Shop) -> int:
    sizes = [
        len(record.value)
        async for record in records_of(shop.bootstrap, shop.topics.profiles, shop.topics.partitions)
        if record.value is not None
    ]
    return max(sizes)
