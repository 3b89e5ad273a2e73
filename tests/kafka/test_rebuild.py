"""A rebuild beside the workers that serve: nothing is lost or said twice, whoever is killed, and then all is new."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import orjson
import pytest
from support.rebuild_shop import DIMS, RebuildShop
from support.topics import expire, recreate
from support.topics_now import live_facts

from liveprofile.streams.admin.accept_topic import accept
from liveprofile.streams.admin.rebuild import Status, abandon, prepare, switch
from liveprofile.streams.admin.topics import TopicError, list_topics
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.outbox import KafkaOutbox
from tests.faults.oracle import examine

POLICY = "LIVEPROFILE_PROFILE__POLICY__"
OTHER_SETTINGS = {f"{POLICY}{name}__MIN_MASS": "3.0" for name in ("BRANDS", "INTENT", "SLOTS")}
CRASHING = "tests.support.crashing_hand_over"

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]


@pytest.fixture
async def shop(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> AsyncIterator[RebuildShop]:
    """A shop whose processes end with the test."""
    opened = RebuildShop(bootstrap, await new_topics(partitions=2), model_folder, tmp_path)
    yield opened
    opened.workers.kill_all()


async def check(shop: RebuildShop) -> None:
    """Profiles and facts on Kafka are those of the offline fold."""
    verdict = await examine(shop.bootstrap, shop.topics, shop.model_id)
    assert verdict.notes["profiles"] > 100, "too few profiles to show anything"
    assert not any(verdict.violations.values()), verdict.words


def all_serve(generation: int) -> Callable[[Status], bool]:
    """Whether a generation serves all partitions."""
    return lambda found: all(part.serving == generation for part in found.parts)


@pytest.mark.parametrize("state", ["memory", "rocksdb"])
async def test_profiles_are_folded_anew_beside_live_traffic_and_the_rebuild_may_be_killed(
    shop: RebuildShop, state: str
) -> None:
    shop.workers.environment |= {"LIVEPROFILE_PROFILE__STATE": state, "LIVEPROFILE_PROFILE__ROWS_IN_MEMORY": "100"}
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.send()
    switched = asyncio.Event()
    traffic = asyncio.create_task(shop.send(12_000, per_s=60, until=switched.is_set))
    first = shop.workers.launch("rebuild", "--beside")
    await shop.until(lambda found: found.building == 2 and any(part.folded > part.first for part in found.parts))
    shop.workers.kill(first)
    assert (await shop.status()).building == 2
    again = shop.workers.launch("rebuild", "--beside", "--switch", "--yes")
    told = await shop.ended(again, 0)
    assert "generation 2 of the state serves all 2 partitions" in told
    assert not traffic.done(), "the switch was meant to come under traffic"
    switched.set()
    await traffic
    await shop.drained()
    assert all_serve(2)(await shop.status())
    await asyncio.to_thread(shop.workers.stop, worker)
    await check(shop)
    assert await shop.rows(1) == {}, "the old generation still holds profiles"
    rows, shown = await shop.rows(2), await shop.shown()
    assert shown == {key: version for key, (version, _) in rows.items() if version}

    shop.workers.environment["LIVEPROFILE_DATA_DIR"] = str(shop.folder / "afresh")
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.send(300)
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)
    await check(shop)


@pytest.mark.parametrize("moment", ["carried", "left"])
async def test_a_serving_worker_that_is_killed_in_the_hand_over_does_it_again(shop: RebuildShop, moment: str) -> None:
    await shop.send()
    crashing = await asyncio.to_thread(lambda: shop.workers.start(module=CRASHING, CRASH_IN=moment))
    await shop.drained()
    rebuilding = shop.workers.launch("rebuild", "--beside", "--switch", "--yes")
    await shop.ended(crashing, -9)
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.ended(rebuilding, 0)
    await shop.send(500)
    await shop.drained()
    assert all_serve(2)(await shop.status())
    await asyncio.to_thread(shop.workers.stop, worker)
    await check(shop)


async def test_the_workers_finish_what_a_killed_rebuild_has_left(shop: RebuildShop) -> None:
    """The rebuild is killed as soon as the switch is there: the serving worker folds up to it itself."""
    await shop.send()
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.drained()
    rebuilding = shop.workers.launch("rebuild", "--beside")
    await shop.until(lambda found: found.building == 2 and found.lag < 10)
    await asyncio.to_thread(shop.workers.stop, rebuilding)
    await shop.send(200)
    await shop.drained()
    with pytest.raises(TopicError, match=r"generation 2 is \d+ records behind"):
        await switch(shop.bootstrap, shop.topics, DIMS, now_ms(), caught_up_s=1.0)
    switching = asyncio.create_task(switch(shop.bootstrap, shop.topics, DIMS, now_ms()))
    rebuilding = shop.workers.launch("rebuild", "--beside")
    await switching
    shop.workers.kill(rebuilding)
    await shop.until(all_serve(2))
    await asyncio.to_thread(shop.workers.stop, worker)
    await check(shop)

    await recreate(shop.bootstrap, shop.topics, shop.topics.state)
    assert "point at generation 2" in await accept(shop.bootstrap, shop.topics, shop.topics.state)
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.send(300)
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)
    await check(shop)


async def test_other_settings_hold_for_the_past_and_no_version_is_given_twice(shop: RebuildShop) -> None:
    await shop.send()
    old = await asyncio.to_thread(shop.workers.start)
    await shop.drained()
    before, facts = await shop.published(), await live_facts(shop.bootstrap, shop.topics)
    shop.workers.environment |= OTHER_SETTINGS
    rebuilding = shop.workers.launch("rebuild", "--beside", "--switch", "--yes")
    told = await shop.ended(old, 3)
    assert (
        "switches to generation 2 of the state" in told and "Start a worker with the program and the settings" in told
    )
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.ended(rebuilding, 0)
    switched = await shop.shown()
    await shop.send(1_500)
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)

    after, again, shown = await shop.published(), await live_facts(shop.bootstrap, shop.topics), await shop.shown()
    assert facts.items() <= again.items(), "a fact was lost, or its id given to another"
    healed = 0
    for key, versions in after.items():
        missing = sorted(set(range(1, versions[-1] + 1)) - set(versions))
        assert len(missing) <= 1, f"{key!r} has more than one gap: {versions}"
        assert all(version > before.get(key, [0])[-1] for version in missing)
        healed += len(missing)
        assert shown[key] >= versions[-1], "a gap cannot be healed from profiles"
    assert healed > 10, "too few profiles differ to show anything"
    assert sum(switched[key] == versions[-1] + 1 for key, versions in before.items()) > 20
    rows = await shop.rows(2)
    assert all(rows[key][0] == version for key, version in shown.items())


async def test_a_log_that_was_cut_is_refused_unless_the_loss_is_accepted(shop: RebuildShop) -> None:
    await shop.send()
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)
    old = await shop.rows(1)
    end = (await shop.status()).parts[0].end
    await expire(shop.bootstrap, shop.topics.activity, 0, end - 50)
    told = await shop.ended(shop.workers.launch("rebuild", "--beside"), 3)
    assert f"{end - 50} activities of partitions 0 are gone, and it begins on 20" in told and "--from-earliest" in told
    assert (await shop.status()).building is None

    worker = await asyncio.to_thread(shop.workers.start)
    rebuilding = shop.workers.launch("rebuild", "--beside", "--from-earliest", "--switch", "--yes")
    await shop.ended(rebuilding, 0)
    await shop.send(300)
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)
    new, published = await shop.rows(2), await shop.published()
    assert old.keys() <= new.keys(), "profiles without an activity in the log stay as they were"
    assert all(new[key][0] >= version for key, (version, _) in old.items())
    assert all(new[key][0] >= versions[-1] for key, versions in published.items())


async def test_a_rebuild_is_shown_and_abandoned_and_the_next_one_begins_anew(shop: RebuildShop) -> None:
    bootstrap, topics = shop.bootstrap, shop.topics
    with pytest.raises(TopicError, match="no rebuild to switch to"):
        await switch(bootstrap, topics, DIMS, now_ms())
    with pytest.raises(TopicError, match="no rebuild to abandon"):
        await abandon(bootstrap, topics)
    assert await prepare(bootstrap, topics, "settings", "0.1.0") == 2
    assert await prepare(bootstrap, topics, "settings", "0.1.0") == 2, "it goes on"
    with pytest.raises(TopicError, match=r"was begun by liveprofile 0\.1\.0 under profile settings settings"):
        await prepare(bootstrap, topics, "others", "0.1.0")
    async with KafkaOutbox(bootstrap) as outbox:
        await outbox.send(topics.activity, 0, [(b"\x00tick", b"", ())] * 7)
    told = await shop.ended(shop.workers.launch("rebuild", "--status"), 0)
    assert "generation 2 is being folded, 7 records to go" in told and told.count("generation 1") == 2
    told = await shop.ended(shop.workers.launch("rebuild", "--status", "--json"), 0)
    assert orjson.loads(told[told.index("{") :])["parts"][0] == {
        "number": 0,
        "first": 0,
        "end": 7,
        "folded": 0,
        "serving": 1,
    }
    told = await shop.ended(shop.workers.launch("rebuild", "--abandon", "--yes"), 0)
    assert f"{topics.group}.state.v2 is deleted" in told
    assert (await shop.status()).building is None
    assert await prepare(bootstrap, topics, "others", "0.1.0") == 2
    assert (await list_topics(bootstrap, [topics.state_topic(2)]))[topics.state_of(2)] == 2
