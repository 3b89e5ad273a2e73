"""The store: what records make of it is there after a restart, and what is erased is gone."""

import random
from pathlib import Path

from support.samples import anomaly
from support.serving import Shop, anomaly_of, change, snapshot
from support.serving_fakes import NOON_MS, TOPICS, profile_id

from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.ids import Ids
from liveprofile.streams.serve.store.keys import Kind
from liveprofile.streams.serve.store.listing import Asked, listed


def reopened(shop: Shop) -> Shop:
    shop.store.close()
    return Shop(shop.folder)


def test_a_snapshot_is_stored_as_the_bytes_of_the_record(shop: Shop) -> None:
    value = b'{"profile_id": "0000000000000000000000000000002a",  "version": 7, "later": [1.50]}'
    shop.put(TOPICS.profiles, profile_id(42), value, partition=1)
    stored = shop.store.snapshot(bytes.fromhex(profile_id(42)))
    assert stored is not None
    assert (stored.value, stored.number, stored.partition, stored.offset) == (value, 7, 1, 0)


def test_columns_sets_names_flows_and_anomalies_are_the_same_after_a_restart(shop: Shop) -> None:
    for number in range(30):
        names = [{"name": f"s{number % 5}", "since": ""}, {"name": "all", "since": ""}]
        shop.put(TOPICS.profiles, profile_id(number), snapshot(number, segments=names))
        shop.put(TOPICS.profile_changes, profile_id(number), change(number, 1, "segments", [], ["all"]))
    shop.put(TOPICS.profile_anomalies, profile_id(3), anomaly_of(3, anomaly(profile_id(3), "raised", 1)))
    before = shop.store
    sizes, page = before.profiles.segment_sizes(), listed(before.profiles, Asked(segment="s2"))
    flows, seen = before.flows.since(0, "segments"), dict(before.anomalies.by_id)
    after = reopened(shop).store
    assert after.profiles.segment_sizes() == sizes == {"all": 30, **{f"s{number}": 6 for number in range(5)}}
    assert listed(after.profiles, Asked(segment="s2")) == page and page.total == 6
    assert after.flows.since(0, "segments") == flows and flows["all"].entered == 30
    assert after.anomalies.by_id == seen and len(seen) == 1
    after.close()


def test_the_follower_goes_on_behind_the_last_record_that_was_written(shop: Shop) -> None:
    for number in range(5):
        shop.put(TOPICS.profiles, profile_id(number), snapshot(number), partition=1)
    after = reopened(shop)
    assert after.store.offsets(TOPICS.profiles) == {1: 5}
    after.store.close()


def test_of_an_erased_profile_only_the_time_of_the_erasure_is_left(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    shop.put(TOPICS.profiles, profile_id(2), snapshot(2))
    shop.put(TOPICS.profile_changes, profile_id(1), change(1, 1, "brands", [], ["Arbo"]))
    raised = anomaly_of(1, anomaly(profile_id(1), "raised", 1))
    shop.put(TOPICS.profile_anomalies, profile_id(1), raised)
    shop.put(
        TOPICS.profile_changes, profile_id(1), change(1, 2, "profile", None, None, origin="erasure"), ms=NOON_MS + 9
    )
    shop.put(TOPICS.profile_anomalies, profile_id(1), raised)  # older than the erasure, and read after it
    key = bytes.fromhex(profile_id(1))
    left = [name for kind in Kind for name, _ in shop.store.database.scan(kind.value) if key in name]
    assert left == [Kind.ERASED.value + key]
    assert shop.store.erased_ms(key) == NOON_MS + 9
    assert len(shop.store.profiles) == 1 and not shop.store.anomalies.by_id
    assert shop.store.profiles.segment_sizes() == {"vip": 1}


def test_a_tombstone_erases_as_the_last_change_does(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    shop.put(TOPICS.profiles, profile_id(1), None)
    assert shop.store.snapshot(bytes.fromhex(profile_id(1))) is None and len(shop.store.profiles) == 0


def test_a_version_that_workers_wrote_twice_counts_and_is_told_once(shop: Shop) -> None:
    facts = shop.put(TOPICS.profile_changes, profile_id(1), change(1, 1, "segments", [], ["vip"]), times=3)
    assert len(facts) == 1
    assert shop.store.flows.since(0, "segments")["vip"].entered == 1


def test_a_record_that_cannot_be_read_is_counted_and_passed_over(shop: Shop) -> None:
    shop.put(TOPICS.profiles, profile_id(1), b"\xff no JSON")
    shop.put(TOPICS.profiles, "no id", snapshot(1))
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    assert shop.applier.unreadable == {TOPICS.profiles: 2}
    assert len(shop.store.profiles) == 1 and shop.store.offsets(TOPICS.profiles) == {0: 3}


def test_pages_list_every_profile_once_whatever_changes_meanwhile(shop: Shop) -> None:
    numbers = [(1 << 64) + random.Random(at).getrandbits(69) for at in range(250)]
    for number in numbers:
        shop.put(TOPICS.profiles, f"{number << 50:032x}", snapshot(number % 9))
    found, after = [], None
    while True:
        page = listed(shop.store.profiles, Asked(segment="vip", after=after, limit=40))
        found += [one.profile_id for one in page.profiles]
        if page.after is None:
            break
        after = bytes.fromhex(page.after)
        shop.put(TOPICS.profiles, found[0], snapshot(1, version=2))  # changes, and stays
    assert found == sorted(f"{number << 50:032x}" for number in numbers)


def test_places_are_found_among_many_and_after_removals() -> None:
    ids, draw = Ids(16), random.Random(2)
    numbers = [draw.getrandbits(64) for _ in range(3_000)]
    keys = [(number << 64 | number).to_bytes(16, "big") for number in numbers]
    for key in keys:
        ids.put(key)
    for key in keys[::3]:
        ids.remove(key)
    again = {key: ids.put(key) for key in keys[::6]}
    assert all(ids.find(key) == place for key, place in again.items())
    assert all((ids.find(key) >= 0) == (key in again or at % 3 != 0) for at, key in enumerate(keys))
    assert len({ids.find(key) for key in keys if ids.find(key) >= 0}) == len(ids) == 2_500


def test_a_scan_ends_with_its_prefix_however_many_are_open(tmp_path: Path) -> None:
    database, writes = Database(tmp_path / "store", 8), Writes()
    for kind in (b"F", b"G", b"H"):
        for number in range(500):
            writes.put(kind + number.to_bytes(4, "big"), kind * 20)
    database.write(writes)
    scans = [list(database.scan(kind)) for kind in (b"F", b"G", b"H") for _ in range(20)]
    assert all(
        len(found) == 500 and {key[:1] for key, _ in found} == {value[:1] for _, value in found} for found in scans
    )
    database.close()
