"""What is written down: rows, names, the cursor, activity records; and what is refused when read back."""

import numpy as np
import pytest
from support.activities import DIMS, TOPICS, activity, erasure, random_log, tick
from support.folding import POLICY, USER, Shopper

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.fold.cursor import CURSOR_KEY, NAME_PREFIX, Cursor
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.step import step
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.output.snapshot import interests_at
from liveprofile.profiles.records.activity import Tail, decode_heads, decode_tail, digest32, source_code, source_name
from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.profiles.state.codec import decode_rows, encode_rows
from liveprofile.profiles.state.dictionary import LIMIT, Dictionary, Name
from liveprofile.profiles.state.row import blank_rows, row_dtype
from liveprofile.profiles.state.table import Table


def test_rows_survive_their_record_to_the_bit():
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, (5, row_dtype(DIMS).itemsize), dtype=np.uint8)
    rows = noise.reshape(-1).view(row_dtype(DIMS))
    assert decode_rows(encode_rows(rows, DIMS), DIMS).tobytes() == rows.tobytes()


@pytest.mark.parametrize("damage", [b"", b"\x01", b"\x02\x00\x40\x00", b"{}"])
def test_a_damaged_state_record_is_refused_with_the_way_out(damage):
    record = encode_rows(blank_rows(1, DIMS), DIMS)[0]
    with pytest.raises(ValueError, match=r"a damaged state record.*Rebuild the state"):
        decode_rows([record, damage + record[len(damage) :] if damage != b"" else record[:-1]], DIMS)


def test_a_state_record_of_other_dimensions_is_refused_with_the_way_out():
    records = encode_rows(blank_rows(1, DIMS), DIMS) + encode_rows(blank_rows(1, 64), 64)
    with pytest.raises(ValueError, match="of 64 dimensions, expected 128"):
        decode_rows(records, DIMS)


@pytest.mark.parametrize("damage", [b"\x05", b"\x04\x00\x80\x00\x01\x02\x03\x04"])
def test_a_state_record_of_a_newer_program_is_refused_by_its_layout(damage):
    record = encode_rows(blank_rows(1, DIMS), DIMS)[0]
    with pytest.raises(UnknownLayoutError, match=r"written by a newer program: layout .*Upgrade this worker"):
        decode_rows([record, damage + record[len(damage) :]], DIMS)


def test_a_newcomer_takes_about_a_kilobyte_on_the_topic_whatever_the_row_has_room_for():
    shopper = Shopper()
    shopper.does(activity())
    assert len(encode_rows(shopper.fold.table.rows[:1], DIMS)[0]) < 1_400
    assert row_dtype(128).itemsize < 4_608


NEW_KIND, NEW_ACTION = (bytes([*activity()[:at], 31]) + activity()[at + 1 :] for at in (1, 2))


@pytest.mark.parametrize("wrong", [b"\x07" + activity()[1:], NEW_KIND, NEW_ACTION])
def test_an_activity_record_of_a_newer_program_is_refused_with_the_way_out(wrong):
    with pytest.raises(UnknownLayoutError, match=r"written by a newer program: layout .*Upgrade this worker"):
        decode_heads([activity(), wrong], DIMS)


@pytest.mark.parametrize("wrong", [activity(dims=8), erasure(0, dims=64)])
def test_an_activity_record_of_other_dimensions_is_refused_with_the_way_out(wrong):
    with pytest.raises(ValueError, match=r"dimensions, expected 128.*Bring the old model back"):
        decode_heads([activity(), wrong], DIMS)


def test_no_records_are_no_activities():
    assert len(decode_heads([], DIMS)) == 0
    assert Fold(POLICY).apply([], [], []).applied == 0


def test_a_tail_is_padded_with_nothing():
    assert decode_tail(activity(event_id="e"), DIMS) == Tail("e", TOPICS[0])
    assert decode_tail(tick(0), DIMS) == Tail()


def test_places_of_input_records_can_be_read():
    assert source_name(source_code("purchases", 65_535, (1 << 40) - 1)) == "purchases/65535/1099511627775"


def test_names_are_learnt_once_and_unknown_ones_are_shown_in_hex():
    names = Dictionary()
    names.learn(7, "seven")
    names.learn(7, "another seven")
    assert (names.name(7), names.name(0xBEEF), list(names.unsaved)) == ("seven", "#0000beef", [7])


def test_hostile_names_cannot_grow_the_memory_without_end():
    names = Dictionary(names={number: Name("x", number) for number in range(LIMIT)})
    names.learn(LIMIT + 1, "one more")
    assert len(names.known) == LIMIT and not names.unsaved


def test_a_resent_input_record_is_skipped_in_the_same_batch_and_the_next():
    shopper = Shopper()
    result = shopper.does(activity(offset=5), activity(offset=6), activity(offset=5), activity(offset=6))
    assert (result.applied, result.resent) == (2, 2)
    assert shopper.does(activity(offset=6), activity(offset=7)).resent == 1


def test_each_input_partition_has_a_watermark_of_its_own():
    shopper = Shopper()
    shopper.does(activity(offset=9, source=("clicks", 0)))
    assert (
        shopper.does(activity(offset=3, source=("clicks", 1)), activity(offset=3, source=("searches", 0))).applied == 2
    )


def test_the_lines_of_an_order_are_places_of_their_own():
    shopper = Shopper()
    lines = [activity(offset=4, line=line, lines=3) for line in range(3)]
    assert shopper.does(*lines, *lines).resent == 3
    assert shopper.row["events"] == 3


def test_a_resent_record_teaches_no_name():
    """Its text may differ from the first one's, and whether it shares a batch with fresh records must not matter."""
    shopper = Shopper()
    shopper.does(activity(topic=None, offset=8))
    shopper.does(activity(topic="never/applied", offset=8), activity(topic=None, offset=9))
    assert digest32("never/applied") not in shopper.fold.dictionary.known


def test_a_cursor_survives_its_record():
    shopper = Shopper()
    shopper.does(*(activity(offset=at, total=30 * at, action=8) for at in range(60)), tick(5))
    cursor = shopper.fold.cursor
    again = Cursor.decode(cursor.encode())
    assert again.encode() == cursor.encode()
    assert (again.applied_through, again.sources) == (60, cursor.sources)


def test_a_fold_restored_from_its_checkpoint_goes_on_as_if_nothing_had_been():
    log, whole, first = random_log(11, count=300), Fold(POLICY), Fold(POLICY)
    whole.apply(log.keys, log.values, range(300))
    first.apply(log.keys[:150], log.values[:150], range(150))
    records, cursor = first.checkpoint()
    assert records[0][0].startswith(NAME_PREFIX)
    second = Fold(POLICY)
    second.restore([*records, (CURSOR_KEY, cursor)])
    second.apply(log.keys[150:], log.values[150:], range(150, 300))
    assert second.cursor.encode() == whole.cursor.encode()
    assert {key: second.table.row(key).tobytes() for key in whole.table.keys} == {
        key: whole.table.row(key).tobytes() for key in whole.table.keys
    }


def test_a_checkpoint_writes_only_what_was_touched_since_the_last_one():
    fold = Fold(POLICY)
    fold.apply([b"a", b"b"], [activity(offset=0), activity(offset=1)], [0, 1])
    assert {key for key, _ in fold.checkpoint()[0]} == {b"a", b"b", NAME_PREFIX + b"%08x" % digest32(TOPICS[0])}
    fold.apply([b"b"], [activity(offset=2)], [2])
    assert [key for key, _ in fold.checkpoint()[0]] == [b"b"]
    assert fold.checkpoint()[0] == []


def test_a_table_grows_and_keeps_its_rows():
    table = Table(DIMS, capacity=2)
    places = table.places([b"%d" % at for at in range(7)])
    table.rows["version"][places] = np.arange(7)
    assert table.places([b"3", b"9", b"9"]).tolist() == [3, 7, 7]
    assert table.row(b"6")["version"] == 6 and len(table) == 8


def record_of(applied: int, version: int = 0) -> bytes:
    """A profile's state record that says how much of the log it has seen."""
    row = blank_rows(1, DIMS)
    row["applied"], row["version"] = applied, version
    return encode_rows(row, DIMS)[0]


@pytest.mark.parametrize("batches", [1, 2])
def test_an_old_row_that_was_written_last_does_not_win(batches):
    """A worker that was put out of its group may write once more what it knew before."""
    fold, items = Fold(POLICY), [(USER, record_of(9, version=1)), (USER, record_of(4, version=2))]
    for at in range(0, 2, 2 // batches):
        fold.restore(items[at : at + 2 // batches])
    assert fold.table.row(USER)["version"] == 1


def test_the_later_of_two_rows_that_applied_as_much_counts():
    fold = Fold(POLICY)
    fold.restore([(USER, record_of(4, version=1)), (USER, record_of(4, version=2))])
    assert fold.table.row(USER)["version"] == 2


def test_an_old_cursor_that_was_written_last_does_not_win():
    fold = Fold(POLICY)
    fold.restore([(CURSOR_KEY, Cursor(applied_through=at, sources={1: at}).encode()) for at in (7, 9, 8)])
    assert (fold.cursor.applied_through, fold.cursor.sources) == (9, {1: 9})


def test_more_profiles_are_restored_than_there_was_room_for():
    fold = Fold(POLICY, capacity=2)
    fold.restore([(b"%d" % at, record_of(at)) for at in range(5000)])
    assert fold.table.rows["applied"][: len(fold.table)].tolist() == list(range(5000))


def test_a_record_without_a_value_removes_what_stood_before_it():
    fold, name = Fold(POLICY), NAME_PREFIX + b"0000002a"
    fold.restore([(b"a", record_of(1)), (b"b", record_of(2)), (b"c", record_of(3)), (name, b"shoes")])
    fold.restore([(b"a", None), (b"nobody", None), (b"c", None), (b"c", record_of(0)), (name, None)])
    assert sorted(fold.table.keys) == [b"b", b"c"]
    assert [int(fold.table.row(key)["applied"]) for key in (b"b", b"c")] == [2, 0]
    assert fold.dictionary.known == {}


def test_a_removed_profile_leaves_a_blank_row_and_takes_no_touch_along():
    table = Table(DIMS, capacity=4)
    places = table.places([b"a", b"b", b"c"])
    table.rows["version"][places], table.touched[places] = [1, 2, 3], [True, False, True]
    table.remove(b"a")
    assert [key for key, _ in table.take_touched()] == [b"c"]
    assert [int(table.row(key)["version"]) for key in (b"b", b"c")] == [2, 3]
    assert table.rows[table.places([b"new"])].tobytes() == blank_rows(1, DIMS).tobytes()


def test_a_step_starts_from_nothing_and_from_a_record():
    first, result = step(None, USER, activity(), 0, POLICY)
    second, _ = step(first, USER, activity(offset=1), 1, POLICY)
    assert result.applied == 1
    assert decode_rows([second], DIMS)["events"].tolist() == [2]


def test_a_snapshot_tells_shares_that_add_up_and_names():
    shopper = Shopper()
    shopper.does(*(activity(topic=TOPICS[at % 2], at_s=at, offset=at) for at in range(10)))
    taken = shopper.snapshot
    assert {one.topic for one in taken.interests.session} == {TOPICS[0], TOPICS[1]}
    assert sum(one.share for one in taken.interests.session) == pytest.approx(1.0, abs=1e-3)
    assert sum(taken.hours.histogram) == pytest.approx(1.0, abs=1e-2)
    assert (taken.events.total, taken.session.events, len(taken.recent)) == (10, 10, 8)
    assert [one.ts for one in taken.recent] == sorted((one.ts for one in taken.recent), reverse=True)


def test_weights_can_be_read_at_a_later_time():
    shopper = Shopper()
    shopper.does(activity())
    later = int(shopper.row["seen_ms"]) + 7 * 86_400_000
    assert interests_at(shopper.row, later, POLICY)[1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"dims": 1}, "policy dims is 1: must be 2 to 4096"),
        ({"action_weights": (1.0,)}, "action_weights is .*: give numbers by name, of view, click"),
        ({"action_weights.veiw": 1.0}, "action_weights has no 'veiw': did you mean view?"),
        ({"brands.exit_shar": 0.1}, "no setting brands.exit_shar: did you mean brands.exit_share?"),
        ({"slots": 4}, "slots is 4: it is a section, give a Slots"),
        ({"dims.more": 1}, "dims is one value: it has no more"),
        ({"decay.half_life_s.short": 0.0}, "decay.half_life_s.short is 0.0: must be above 0"),
        ({"brands.exit_share": 0.9}, "brands.exit_share is 0.9: must be at most brands.enter_share"),
        ({"anomalies.exit.rule": 9.0}, "anomalies.exit.rule is 9.0: must be at most anomalies.enter.rule"),
        ({"anomalies.exit.rule": 0.0}, "anomalies.exit.rule is 0.0: must be above 0"),
        ({"interests.short.exit_share": 0.9}, "exit_share is 0.9: must be at most interests.short.enter_share"),
        ({"days.exit_share.weekend": 0.9}, "days.exit_share.weekend is .*: must be at most days.enter_share.weekend"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        Policy().changed(setting)


def test_the_policys_digest_follows_every_number():
    assert Policy().digest == Policy().digest != Policy().changed({"brands.interval_s": 1.0}).digest


@pytest.mark.parametrize("ms", [-(10**18), -1, 0, 253_402_300_799_999, 10**18])
def test_any_time_can_be_written(ms):
    assert rfc3339(ms).endswith("Z") and len(rfc3339(ms)) == 24
