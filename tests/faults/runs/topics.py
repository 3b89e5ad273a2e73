"""F25 to F27: topics recreated, given more partitions, compacted; offsets lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from liveprofile.profiles.fold.cursor import CURSOR_KEY
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.admin.accept_topic import accept
from liveprofile.streams.admin.topics import TopicError
from liveprofile.streams.runtime.partition_state import read_partition
from tests.faults.lag import LagMeter
from tests.faults.shop import SESSION_S, Shop
from tests.faults.trial import Trial, sleep_until
from tests.faults.workers import Worker
from tests.support.topics import add_partitions, delete_group, recreate
from tests.support.topics_now import latest, live_facts, live_state

STILL = {"LIVEPROFILE_PROFILE__TICK_S": "3600"}
"""No time passes in profiles, so that "nothing changed" means the same bytes."""
NOTICED_S = 15.0
REFUSED = 3
"""Exit code of a worker that refuses its topics."""
COMPACTED_S = 120.0


async def recreated(trial: Trial) -> None:
    """F26: topics are replaced while workers run and while they are stopped; each time they refuse until told."""
    scenes: list[Callable[[Trial, Shop], Awaitable[None]]] = [
        _input_while_running,
        _input_while_stopped,
        _state_while_stopped,
        _activity_while_stopped,
        _activity_while_running,
        _more_partitions,
    ]
    settled = min(3, trial.n)
    """Up to here `activity` holds all that profiles were made from, and the oracle can fold it."""
    async with trial.shop(settings=STILL) as shop:
        for number, scene in enumerate(scenes[: trial.n], 1):
            trial.progress(f"scene {number}: {scene.__name__.strip('_').replace('_', ' ')}")
            await scene(trial, shop)
            if number == settled:
                await trial.check(shop, rebuild=trial.n > 1)


async def _input_while_running(trial: Trial, shop: Shop) -> None:
    """Records that were read stay; those of the new topic count, though they stand in places that were read before."""
    worker = await _fed(trial, shop)
    before = await _profiles(shop)
    await recreate(shop.bootstrap, shop.topics, shop.topics.clicks)
    await _refused(trial, shop, worker, shop.topics.clicks, before)
    await _accepted_and_on(trial, shop, shop.topics.clicks, _share(trial))


async def _input_while_stopped(trial: Trial, shop: Shop) -> None:
    await _fed(trial, shop)
    await shop.stop_workers()
    before = await _profiles(shop)
    await recreate(shop.bootstrap, shop.topics, shop.topics.clicks)
    await shop.send(_share(trial))
    await _refused(trial, shop, shop.workers.launch(), shop.topics.clicks, before)
    await _accepted_and_on(trial, shop, shop.topics.clicks, _share(trial))


async def _state_while_stopped(trial: Trial, shop: Shop) -> None:
    """`activity` is whole, so the same profiles come again."""
    await _fed(trial, shop)
    await shop.stop_workers()
    before = await _profiles(shop)
    await recreate(shop.bootstrap, shop.topics, shop.topics.state)
    await _refused(trial, shop, shop.workers.launch(), shop.topics.state, {})
    await _accept(shop, shop.topics.state)
    worker = await shop.workers.start()
    await shop.drain()
    await shop.workers.stop(worker)
    trial.require(await _profiles(shop) == before, "profiles are others after they were made again")


async def _activity_while_stopped(trial: Trial, shop: Shop) -> None:
    """With activities in it that were not folded yet: they are written again from the inputs, and nothing else is."""
    await _fed(trial, shop)
    await shop.stop_workers()
    before = await _profiles(shop)
    ingest = await shop.workers.start("ingest")
    await shop.send(_share(trial))
    await _inputs_taken(shop)
    await shop.workers.stop(ingest)
    due = await _events_of_activity(shop)
    await recreate(shop.bootstrap, shop.topics, shop.topics.activity)
    await _refused(trial, shop, shop.workers.launch(), shop.topics.activity, before)
    await _accepted_and_on(trial, shop, shop.topics.activity, 0)
    counted = await _events_of_profiles(shop)
    wrong = len({key for key in due.keys() | counted.keys() if due.get(key) != counted.get(key)})
    trial.require(not wrong, f"{wrong} of {len(due)} profiles do not count each of their events once")


async def _activity_while_running(trial: Trial, shop: Shop) -> None:
    worker = await _fed(trial, shop)
    before = await _profiles(shop)
    await recreate(shop.bootstrap, shop.topics, shop.topics.activity)
    await _refused(trial, shop, worker, shop.topics.activity, before)
    await _accept(shop, shop.topics.activity)
    await shop.workers.start()
    await shop.drain()
    trial.require(await _profiles(shop) == before, "the inputs were read again, and profiles changed")
    await shop.stop_workers()


async def _more_partitions(trial: Trial, shop: Shop) -> None:
    worker = await _fed(trial, shop)
    before = await _profiles(shop)
    await add_partitions(shop.bootstrap, shop.topics, shop.topics.activity, shop.topics.partitions + 1)
    await _refused(trial, shop, worker, shop.topics.activity, before)
    try:
        await _accept(shop, shop.topics.activity)
        trial.require(False, "activity with more partitions was accepted")
    except TopicError:
        await live_facts(shop.bootstrap, shop.topics)  # fails where a fact was said twice with another payload


def _share(trial: Trial) -> int:
    return trial.events // (2 * trial.n)


async def _fed(trial: Trial, shop: Shop) -> Worker:
    """A worker that has taken its share of the traffic."""
    worker = await shop.workers.start()
    await shop.send(_share(trial))
    await shop.drain()
    return worker


async def _refused(trial: Trial, shop: Shop, worker: Worker, name: str, before: dict[bytes, bytes]) -> None:
    """The worker ends by itself, says why, does so again when it is started again, and profiles are as they were."""
    times = 1 if trial.n == 1 else 2
    await sleep_until(lambda: len(worker.exits) >= times, within_s=NOTICED_S * (1 + times))
    told = "".join(log.read_text(errors="replace") for log in shop.workers.logs())
    trial.require(set(worker.exits) == {REFUSED}, f"exit codes {worker.exits} instead of {REFUSED}")
    trial.require(f"topics accept {name}" in told, f"workers did not say what to do about {name}")
    shop.workers.remove(worker)
    trial.require(await _profiles(shop) == before, f"profiles changed after {name} was replaced")


async def _accept(shop: Shop, name: str) -> str:
    """As the operator does it: again, while the group still counts a member that went."""
    deadline = asyncio.get_running_loop().time() + 2 * SESSION_S
    while True:
        try:
            return await accept(shop.bootstrap, shop.topics, name)
        except TopicError as refusal:
            if "are running" not in str(refusal) or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.5)


async def _accepted_and_on(trial: Trial, shop: Shop, name: str, further: int) -> None:
    """Accepted, a worker takes what came meanwhile, and so many further events."""
    trial.progress(f"accepted: {await _accept(shop, name)}")
    worker = await shop.workers.start()
    await shop.send(further)
    await shop.drain()
    await shop.workers.stop(worker)
    await live_facts(shop.bootstrap, shop.topics)  # fails where a fact was said twice with another payload


async def _profiles(shop: Shop) -> dict[bytes, bytes]:
    state = await live_state(shop.bootstrap, shop.topics)
    return state


async def _inputs_taken(shop: Shop) -> None:
    async with LagMeter(shop.bootstrap, shop.topics.group, shop.topics.inputs, shop.topics.partitions) as meter:
        async with asyncio.timeout(60):
            while await meter.now() != 0:  # noqa: ASYNC110 - Kafka tells nobody
                await asyncio.sleep(0.1)


async def _events_of_profiles(shop: Shop) -> dict[bytes, int]:
    """How many events each profile counts by the state topic."""
    counts: dict[bytes, int] = {}
    for partition in range(shop.topics.partitions):
        fold = Fold(Policy(), None, partition)
        fold.restore(list((await latest(shop.bootstrap, shop.topics.state, partition)).items()))
        counts |= _events(fold)
    return counts


async def _events_of_activity(shop: Shop) -> dict[bytes, int]:
    """How many events each profile counts when all of `activity` is folded."""
    counts: dict[bytes, int] = {}
    for partition in range(shop.topics.partitions):
        fold = Fold(Policy(), None, partition)
        async for records in read_partition(shop.bootstrap, shop.topics.activity, partition):
            fold.apply([r[0] for r in records], [r[1] or b"" for r in records], [r[2] for r in records])
        counts |= _events(fold)
    return counts


def _events(fold: Fold) -> dict[bytes, int]:
    return dict(zip(fold.table.keys, fold.table.rows["events"].tolist(), strict=False))


async def offsets_lost(trial: Trial) -> None:
    """F27: the group is deleted, again and again: everything is read from the beginning, and nothing changes."""
    async with trial.shop(settings=STILL) as shop:
        for number in range(1, trial.n + 1):
            await shop.workers.start()
            await shop.send(trial.events // trial.n)
            await shop.drain()
            await shop.stop_workers()
            before, facts = await _profiles(shop), await live_facts(shop.bootstrap, shop.topics)
            await delete_group(shop.bootstrap, shop.topics.group)
            await shop.workers.start()
            await shop.drain()
            await shop.stop_workers()
            trial.require(await _profiles(shop) == before, f"replay {number} changed profiles")
            again = await live_facts(shop.bootstrap, shop.topics)
            trial.require(again == facts, f"replay {number} said {len(again) - len(facts)} facts anew")
            trial.progress(f"replay {number} of {trial.n} changed nothing")
        await trial.check(shop)


async def compacted(trial: Trial) -> None:
    """F25: compaction as hard as Kafka can, under traffic; then workers find nothing but what it left."""
    async with trial.shop() as shop:
        await _compact_hard(shop)
        await shop.workers.start()
        traffic = shop.traffic(trial.events / 60)
        await traffic
        await shop.drain()
        trial.notes["compacted_away"] = await _compacted_away(trial, shop)
        await trial.check(shop)


async def _compact_hard(shop: Shop) -> None:
    """Small segments, each compacted as soon as the cleaner comes by; it looks every half second."""
    topics = shop.topics
    eager = {"segment.bytes": str(1 << 20), "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.01"}
    eager |= {"max.compaction.lag.ms": "1000", "cleanup.policy": "compact", "message.timestamp.type": "LogAppendTime"}
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.bootstrap)
    await admin.start()
    try:
        names = [topic.name for topic in topics.all() if topic.config["cleanup.policy"] == "compact"]
        resources = [ConfigResource(ConfigResourceType.TOPIC, name, configs=eager) for name in names]
        for broker in (await admin.describe_cluster())["brokers"]:
            often = {"log.cleaner.backoff.ms": "500"}
            resources.append(ConfigResource(ConfigResourceType.BROKER, str(broker["node_id"]), configs=often))
        for answer in await admin.alter_configs(resources):
            assert not any(code for code, *_ in answer.resources), answer
    finally:
        await admin.close()


async def _compacted_away(trial: Trial, shop: Shop) -> int:
    """Records of the state topic that are gone; waits until there are some in every partition that had any."""
    async with asyncio.timeout(COMPACTED_S):
        while True:
            gone = [await _gone(shop, partition) for partition in range(shop.topics.partitions)]
            if all(gone):
                trial.progress(f"{sum(gone)} state records were compacted away")
                return sum(gone)
            await asyncio.sleep(1)


async def _gone(shop: Shop, partition: int) -> int:
    offsets: list[int] = []
    cursors = 0
    async for records in read_partition(shop.bootstrap, shop.topics.state, partition):
        offsets += [offset for _, _, offset in records]
        cursors += sum(key == CURSOR_KEY for key, _, _ in records)
    return offsets[-1] + 1 - len(offsets) if cursors else 0
