"""From one generation of the state to the next: what was published goes on, all else is as the new one has it."""

import numpy as np
import pytest
from support.activities import DIMS, TOPICS, activity, adoption, erasure
from support.rules import rule_set

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.hand_over import carry_over, carry_over_partition, continue_versions
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.profiles.state.generation import STATE_GENERATION, AdoptedGeneration, adopted_generation

ANNA, BERT, CARL = b"a" * 32, b"b" * 32, b"c" * 32
POLICY = Policy(dims=DIMS)
SILENT = Policy(dims=DIMS).changed({"publish.burst": 1.0, "publish.refill_per_event": 0.0})


def shopping(key: bytes, first: int, count: int = 40) -> list[tuple[bytes, bytes]]:
    """Actions on one topic and brand, in the order of their offsets."""
    return [(key, activity(at_s=10 * at, brand="Arbo", topic=TOPICS[1], offset=first + at)) for at in range(count)]


def folded(log: list[tuple[bytes, bytes]], policy: Policy = POLICY, first: int = 0) -> Fold:
    """A partition that has taken a log from an offset on."""
    fold = Fold(policy)
    keys, values = zip(*log[first:], strict=True)
    fold.apply(keys, values, range(first, len(log)))
    return fold


LOG = [*shopping(ANNA, 0), *shopping(BERT, 100), (CARL, activity(offset=200))]


def test_two_folds_of_the_same_log_differ_in_nothing() -> None:
    old, new = folded(LOG), folded(LOG)
    new.table.take_touched()
    assert carry_over(old, new, [ANNA, BERT, CARL]).keys == []
    assert new.table.take_touched() == []


def test_a_profile_that_is_shown_otherwise_gets_the_version_after_the_last_one_published() -> None:
    old, new = folded(LOG), folded(LOG, SILENT)
    published = int(old.table.row(ANNA)["version"])
    assert int(new.table.row(ANNA)["version"]) != published
    as_folded = list(new.table.row(ANNA)["published_s"])
    for _ in range(2):  # a hand-over that was cut short is done again
        compared = carry_over(old, new, [ANNA, BERT])
        continue_versions(new, compared, np.array([key == ANNA for key in compared.keys]))
    assert [int(new.table.row(key)["version"]) - int(old.table.row(key)["version"]) for key in (ANNA, BERT)] == [1, 0]
    assert list(new.table.row(ANNA)["published_s"]) == as_folded
    assert ANNA in dict(new.table.take_touched())


def test_open_anomalies_go_on_under_their_ids_and_are_cleared_in_time() -> None:
    old, new = folded(LOG), folded(LOG, SILENT)
    row = old.table.rows[old.table.places([ANNA])[0]]
    row["anomaly_s"][2], row["anomaly_count"][2], row["anomaly_step"][2] = 7, 5, 2
    row["anomaly_due_ms"][2] = row["due_ms"] = 1_000
    carry_over(old, new, [ANNA])
    taken = new.table.row(ANNA)
    assert [int(taken[name][2]) for name in ("anomaly_s", "anomaly_count", "anomaly_step")] == [7, 5, 2]
    assert int(taken["due_ms"]) == 1_000


def test_profiles_and_names_that_a_shorter_log_lacks_are_taken_whole() -> None:
    old, new = folded(LOG), folded(LOG, first=len(LOG) - 1)
    carry_over_partition(old, new)
    carry_over(old, new, [ANNA, BERT, CARL])
    assert new.table.row(ANNA) == old.table.row(ANNA)
    records, _ = new.checkpoint()
    assert {ANNA, BERT} <= dict(records).keys()
    assert new.dictionary.known == old.dictionary.known
    assert new.cursor.sources == old.cursor.sources


def test_a_profile_that_was_erased_before_the_log_begins_stays_erased() -> None:
    log = [*shopping(ANNA, 0), (ANNA, erasure(500)), *shopping(BERT, 50)]
    old, new = folded(log), folded([*shopping(ANNA, 0), *shopping(BERT, 50)])
    carry_over(old, new, [ANNA, BERT])
    assert int(new.table.row(ANNA)["erased_ms"]) != 0
    assert int(new.table.row(ANNA)["events"]) == 0


def test_rules_that_a_shorter_log_lacks_stay_in_force() -> None:
    rules = rule_set("events >= 1")
    log = [(b"\x00adopt", adoption(0, rules.record)), *shopping(ANNA, 0)]
    old, new = folded(log), folded(log, first=1)
    carry_over_partition(old, new)
    assert new.cursor.rules.label == old.cursor.rules.label


def test_a_switch_puts_a_generation_in_force_and_stays_in_the_cursor() -> None:
    adopted = AdoptedGeneration.of(3, "settings", "0.2.0")
    fold = folded([*LOG, (b"\x00switch", control_record(Kind.SWITCH, 0, DIMS, adopted.record))])
    again = Fold(POLICY)
    again.restore([(b"\x00cursor", fold.checkpoint()[1])])
    assert adopted_generation(again.cursor.adopted) == adopted
    assert again.cursor.applied_through == len(LOG)


@pytest.mark.parametrize("generation", [None, 1, 0, "2", 2.0])
def test_a_switch_without_a_later_generation_is_unreadable(generation: object) -> None:
    fold = Fold(POLICY)
    record = {"what": STATE_GENERATION, "generation": generation}
    result = fold.apply([b"\x00switch"], [control_record(Kind.SWITCH, 0, DIMS, record)], [0])
    assert [at for at, _ in result.unreadable] == [0]
    assert adopted_generation(fold.cursor.adopted) is None
