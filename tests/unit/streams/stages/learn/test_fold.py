"""The fold of examples, without Kafka."""

from collections.abc import Sequence

import numpy as np
import pytest
from support.training_examples import cluster_learners, learnt, places

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import Schedule
from liveprofile.models.snapshot import UNNUMBERED, ModelVersion, Watermark, decode_whole, encode_whole
from liveprofile.models.snapshot_records import from_records, to_records
from liveprofile.profiles.records import training_example
from liveprofile.streams.stages.learn.fold import Learning

DIMS = 4
SCHEDULE = Schedule(first_after=10, every=25)


def learning(model: ModelVersion | None = None) -> Learning:
    return Learning(cluster_learners(SCHEDULE, DIMS, clusters=3, warmup=8), model)


def examples(count: int, seed: int = 1, partition: int = 0, first: int = 0) -> list[bytes]:
    return places(count, DIMS, seed, partition, first)


def written_and_read(model: ModelVersion) -> ModelVersion:
    """The version as a restart finds it on the topic."""
    return from_records(dict(to_records(model)), model.key)


def take(folded: Learning, offsets: Sequence[int], values: Sequence[bytes | None]) -> list[int]:
    """Learn records, a version whenever one is due; gives the offsets after which it was."""
    dues = []
    for due in folded.take(offsets, [b"p"] * len(offsets), values):
        folded.version(len(dues) + 1)
        dues.append(due)
    return dues


def test_versions_are_due_by_the_number_of_examples_alone() -> None:
    values = examples(60)
    assert take(learning(), range(60), values) == [9, 24, 49]
    in_pieces = learning()
    dues = [due for at in range(0, 60, 7) for due in take(in_pieces, range(at, min(60, at + 7)), values[at : at + 7])]
    assert dues == [9, 24, 49]


def test_a_schedule_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="every=0"):
        Schedule(every=0)


def test_a_repeated_example_is_learnt_once() -> None:
    once, twice = learning(), learning()
    values = examples(20)
    take(once, range(20), values)
    take(twice, range(35), values[:15] + values[:15] + values[15:])
    assert twice.examples["clusterer"] == 20 and twice.repeats == 15
    assert twice.version(1).learners["clusterer"].training == once.version(1).learners["clusterer"].training


def test_partitions_have_watermarks_of_their_own() -> None:
    both = learning()
    take(both, range(20), examples(10) + examples(10, partition=1))
    assert both.examples["clusterer"] == 20 and {lane: mark.offset for lane, mark in both.watermarks.items()} == {
        (1, 0): 9,
        (1, 1): 9,
    }


def test_a_record_given_again_is_not_learnt_again() -> None:
    again = learning()
    take(again, range(20), examples(20))
    take(again, range(5, 15), examples(10, seed=2, first=50))
    assert again.examples["clusterer"] == 20 and again.covers == 19


def test_an_unreadable_record_is_counted_and_covered() -> None:
    spoilt = learning()
    take(spoilt, range(3), [examples(1)[0], b"nonsense", None])
    assert (spoilt.examples["clusterer"], spoilt.unreadable, spoilt.covers) == (1, 2, 2)


def test_records_that_never_came_are_listed_as_gaps() -> None:
    holed = learning()
    take(holed, [5, 6, 9], examples(3))
    assert holed.version(1).gaps == ((0, 4), (7, 8))


def of_one_activity(count: int) -> list[bytes]:
    """Examples of one activity, such as a tick that ends many sessions."""
    rows = training_example.blank_examples(ExampleKind.PLACE, count, DIMS, 0)
    rows["offset"], rows["ordinal"] = 5, np.arange(count)
    rows["vector"] = np.random.default_rng(3).integers(-32767, 32768, (count, DIMS))
    return training_example.encode(rows)


def test_examples_of_one_activity_are_all_learnt_and_each_once() -> None:
    """A tick ends many sessions at once; their places in it tell them apart after a crash, also two that are alike."""
    several, values = learning(), of_one_activity(4)
    take(several, range(10), [*values[:2], *values, *values[1:], values[0]])
    assert several.examples["clusterer"] == 4 and several.repeats == 6


def test_of_a_replay_that_gives_only_the_profiles_not_yet_saved_everything_is_a_repeat() -> None:
    """Their examples were durable before any profile was: the replay numbers the rest from 0 on."""
    folded = learning()
    take(folded, range(6), [*of_one_activity(4), *of_one_activity(2)])
    assert folded.examples["clusterer"] == 4 and folded.repeats == 2


def test_a_watermark_has_two_numbers_however_many_examples_an_activity_gave() -> None:
    folded = learning()
    take(folded, range(3_000), of_one_activity(3_000))
    assert folded.version(1).watermarks == {(1, 0): Watermark(5, 2_999)}


def unnumbered(count: int, seed: int = 0) -> list[bytes]:
    """Examples of one activity as a program without ordinals writes them."""
    return [training_example.without_ordinal(examples(1, seed + at)[0]) for at in range(count)]


@pytest.mark.parametrize("form", ["whole", "parts"])
def test_examples_without_ordinals_are_told_apart_by_their_bytes_through_a_restart(form: str) -> None:
    first, values = learning(), unnumbered(3)
    take(first, range(3), [values[0], values[1], values[0]])
    model = first.version(1)
    again = learning(decode_whole(encode_whole(model)) if form == "whole" else written_and_read(model))
    take(again, range(3, 7), [*values, values[2]])
    assert again.examples["clusterer"] == 3 and again.repeats == 3


def test_the_first_program_with_ordinals_goes_on_where_the_one_without_stopped() -> None:
    folded, numbered = learning(), of_one_activity(4)
    older = [training_example.without_ordinal(one) for one in numbered]
    take(folded, range(6), [*older[:2], *numbered])
    assert folded.examples["clusterer"] == 4 and folded.repeats == 2


def test_a_watermark_keeps_a_bounded_number_of_checksums() -> None:
    folded = learning()
    take(folded, range(UNNUMBERED + 50), unnumbered(UNNUMBERED + 50))
    (mark,) = folded.watermarks.values()
    assert (mark.ordinal, len(mark.checksums)) == (UNNUMBERED + 49, UNNUMBERED)


def test_event_time_is_the_latest_learnt() -> None:
    late = learning()
    values = examples(12)
    take(late, range(12), values[6:] + [b""] * 6)
    assert late.version(1).event_time_ms == 1011


@pytest.mark.parametrize("stop", [0, 3, 8, 10, 24, 40])
def test_resuming_from_a_version_equals_never_having_stopped(stop: int) -> None:
    values = examples(30) + examples(30, seed=2, partition=1)
    straight, first = learning(), learning()
    take(straight, range(60), values)
    take(first, range(stop), values[:stop])
    resumed = learning(written_and_read(first.version(1)))
    take(resumed, range(stop, 60), values[stop:])
    assert learnt(resumed.version(2)) == learnt(straight.version(2))


def test_a_learner_of_other_parameters_begins_anew_where_the_others_stand() -> None:
    before, values = learning(), examples(40)
    take(before, range(20), values[:20])
    anew = Learning(cluster_learners(SCHEDULE, DIMS, clusters=2, warmup=8), before.version(1))
    take(anew, range(20, 40), values[20:])
    found = anew.version(2).learners["clusterer"]
    assert (found.begun, found.examples) == (20, 20)


def test_workers_keep_the_numbers_of_a_learner_that_begins_anew_until_it_has_its_own() -> None:
    before, values = learning(), examples(40)
    list(before.take(range(10), [b"p"] * 10, values[:10]))
    model = before.version(1)
    anew = Learning(cluster_learners(SCHEDULE, DIMS, clusters=2, warmup=8), model)
    assert anew.version(2).adopted == model.adopted
