"""Workers of ae9fa68 are replaced by present ones under load; nothing is lost or doubled, and there is no way back."""

from collections import Counter
from pathlib import Path

import pytest

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import FIRST_LAYOUT, LAYOUT
from liveprofile.profiles.state.codec import ROWS, decode_rows, layout_of
from liveprofile.streams.admin.upgrade import check, finish
from liveprofile.streams.broker import Broker
from liveprofile.streams.runtime.partition_state import read_partition
from tests.faults.oracle import examine
from tests.faults.shop import Shop
from tests.faults.trial import Trial
from tests.upgrade import normal
from tests.upgrade.old_program import compile_old, old_environment, old_program

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(900)]  # the first time, old code is compiled

EVENTS = 1_500
RATE = 120.0
REFUSED_S = 60.0
EARLIER_NAMES = {"LIVEPROFILE_PREFIX_INTERNAL_TOPICS": "false"}
"""ae9fa68 put no prefix before internal topics."""
OF_SESSIONS = ("alarm_", "pending_", "session", "drift_", "pace", "due_ms", "judged_ms")
"""Beginnings of the names of fields that follow from where a session begins, and when it is judged."""
BY_DESIGN = ("I1:", "I3:")
"""What of the oracle's words may be about numbers that ae9fa68 folded by other rules: sessions, retries, unknown
amounts. Such a number reaches a few profiles, and may then say, or not say, a change."""
FEW = 0.05
"""Share of profiles and facts at most that such a number reaches."""


@pytest.fixture(scope="module")
def old() -> Path:
    """The program of ae9fa68, compiled."""
    folder = old_program()
    compile_old(folder)
    return folder


async def test_workers_of_ae9fa68_are_replaced_under_load_and_nothing_is_lost_or_doubled(
    old: Path, tmp_path: Path, broker: Broker
) -> None:
    trial = Trial("upgrade", 1, EVENTS, 7, tmp_path, timed=False, broker=broker)
    async with trial.shop(partitions=2, prefix_internal=False) as shop:
        first = await shop.workers.start(module="streams.cli", environment=old_environment(old))
        second = await shop.workers.start(module="streams.cli", environment=old_environment(old))
        traffic = shop.traffic(RATE)
        await shop.until_sent(EVENTS // 4)
        await shop.workers.stop(first)
        present = await shop.workers.start(environment=EARLIER_NAMES)  # side by side with an old one from here on
        await shop.until_sent(EVENTS * 2 // 4)
        assert not shop.workers.ended, second.child.end_of_log(40)  # the supervisor would have started it again
        shop.workers.remove(second)
        await shop.until_sent(EVENTS * 3 // 4)
        await traffic
        await shop.drain()
        await shop.send(EVENTS // 10)  # on a busy machine the old worker may have taken all of before
        await shop.drain()
        assert not shop.workers.ended, present.child.end_of_log(40)
        await _nothing_lost_or_doubled(shop)
        assert (await _layouts(shop, shop.topics.state)).keys() >= {ROWS.layouts[0].fingerprint, ROWS.fingerprint}
        assert (await _layouts(shop, shop.topics.activity)).keys() == {str(FIRST_LAYOUT)}

        await _has_no_way_back(shop, old)

        assert (await check(shop.bootstrap, shop.topics, 128, 0)).goes_on
        assert await finish(shop.bootstrap, shop.topics)
        await shop.workers.start(environment=EARLIER_NAMES)
        await shop.send(EVENTS // 5)
        await shop.drain()
        await _nothing_lost_or_doubled(shop)
        assert (await _layouts(shop, shop.topics.activity)).keys() == {str(FIRST_LAYOUT), str(LAYOUT)}
        assert not shop.workers.ended


async def _nothing_lost_or_doubled(shop: Shop) -> None:
    """Each fact of a profile that both versions fold alike is there once, and no profile's versions have a gap."""
    await shop.stop_workers()
    verdict = await examine(shop.bootstrap, shop.topics, shop.model_id, content=_fact, profile=_profile)
    others = [words for words in verdict.words if not words.startswith(BY_DESIGN)]
    assert not others, verdict.words
    assert verdict.other_facts <= verdict.other_rows, "a profile that both versions fold alike lost or doubled a fact"
    assert verdict.violations["I1"] <= FEW * verdict.notes["profiles"], verdict.words
    assert verdict.violations["I3"] <= FEW * verdict.notes["facts"], verdict.words
    assert verdict.notes["facts"] > 100
    assert verdict.notes["dead_letters"] < shop.supply.sent // 50


def _fact(payload: bytes) -> object:
    return normal.change(payload) if b'"changes":' in payload else normal.anomaly(payload)


def _profile(record: bytes) -> object:
    """The fields that both versions fold alike: not those of a session, which ae9fa68 began with every other id."""
    row = normal.fields(decode_rows([record], Policy().dims)[0])
    return {name: value for name, value in row.items() if not name.startswith(OF_SESSIONS)}


async def _layouts(shop: Shop, topic: str) -> Counter[str]:
    """How many records of a topic have which layout."""
    found: Counter[str] = Counter()
    for number in range(shop.topics.partitions):
        async for records in read_partition(shop.bootstrap, topic, number):
            rows = [(key, value) for key, value, _ in records if key and value]
            if topic == shop.topics.activity:
                found.update(str(value[0]) for _, value in rows)
            else:
                found.update(layout_of(value) for key, value in rows if not key.startswith(b"\x00"))
    return found


async def _has_no_way_back(shop: Shop, old: Path) -> None:
    """A worker of the old version meets state of the new one: it ends, says why, and has written nothing."""
    before = [await _ends(shop, topic) for topic in (shop.topics.state, shop.topics.profile_changes)]
    worker = shop.workers.launch(supervised=False, module="streams.cli", environment=old_environment(old))
    code = await shop.ended(worker, REFUSED_S)
    assert code == 1
    assert "another layout" in worker.child.log.read_text() or "a cursor of layout" in worker.child.log.read_text()
    assert [await _ends(shop, topic) for topic in (shop.topics.state, shop.topics.profile_changes)] == before


async def _ends(shop: Shop, topic: str) -> list[int]:
    """The last offset of each partition."""
    return [
        max([at async for records in read_partition(shop.bootstrap, topic, number) for _, _, at in records], default=-1)
        for number in range(shop.topics.partitions)
    ]
