"""After an erasure a profile is a stub that tells nothing of its past, and nothing that comes later brings it back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import NOON_MS, Log, erasure, random_log

from liveprofile.profiles.fold.cursor import CURSOR_KEY
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import encode_rows
from liveprofile.profiles.state.row import erased_row

POLICY = Policy()
USER = b"%032x" % 1
SEEDS = st.integers(0, 2**32 - 1)
LENGTH = 400


def folded(log: Log, offsets: range | list[int] | None = None) -> tuple[Fold, FoldResult]:
    """A fold of a whole log."""
    fold = Fold(POLICY)
    return fold, fold.apply(log.keys, log.values, offsets or range(len(log)))


def erased_at(log: Log, place: int) -> Log:
    """The log with USER erased before the record at `place`."""
    return Log([*log.keys[:place], USER, *log.keys[place:]], [*log.values[:place], erasure(place), *log.values[place:]])


def state_of(fold: Fold) -> dict[bytes, bytes]:
    return dict(fold.checkpoint()[0])


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, place=st.integers(0, LENGTH))
def test_no_byte_of_the_past_is_in_the_state_record(seed: int, place: int) -> None:
    log = random_log(seed, LENGTH)
    before = folded(Log(log.keys[:place], log.values[:place]))[0].table
    version = int(before.row(USER)["version"]) if USER in before.keys else 0
    after = state_of(folded(erased_at(log, place))[0])[USER]
    stub = np.array([erased_row(version + 1, place, NOON_MS + place * 1000, POLICY.dims)])
    assert after == encode_rows(stub, POLICY.dims)[0]


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, place=st.integers(0, LENGTH))
def test_what_comes_after_leaves_no_trace(seed: int, place: int) -> None:
    log = erased_at(random_log(seed, LENGTH), place)
    kept = [at for at, key in enumerate(log.keys) if at <= place or key != USER]
    without = Log([log.keys[at] for at in kept], [log.values[at] for at in kept])
    (fold, result), (clean, expected) = folded(log), folded(without, kept)
    assert result.erased + result.resent - expected.resent == len(log) - len(kept)
    assert [fact.payload for fact in result.changes] == [fact.payload for fact in expected.changes]
    assert [fact.payload for fact in result.anomalies] == [fact.payload for fact in expected.anomalies]
    assert result.examples == expected.examples
    assert fold.cursor.population.to_state() == clean.cursor.population.to_state()
    assert state_of(fold) == state_of(clean)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, place=st.integers(0, LENGTH))
def test_an_erasure_is_the_last_version_and_says_nothing_personal(seed: int, place: int) -> None:
    _, result = folded(erased_at(random_log(seed, LENGTH), place))
    published = [fact for fact in result.changes if fact.record.profile_id == USER.decode()]
    assert [fact.record.version for fact in published] == list(range(1, len(published) + 1))
    last = published[-1].record
    assert (last.origin, last.evidence, published[-1].cause) == ("erasure", [], f"activity/0/{place}")
    (change,) = last.changes
    assert (change.path, change.op, change.before, change.after) == ("profile", "remove", None, None)
    assert (change.reason.code, change.reason.threshold, change.reason.observed) == ("ERASED", 0.0, 0.0)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, place=st.integers(0, LENGTH), again=st.integers(0, LENGTH))
def test_a_replay_of_the_whole_log_changes_nothing(seed: int, place: int, again: int) -> None:
    """With its cursor it is skipped; without, each profile skips by its own offset, and the stub does."""
    log = erased_at(random_log(seed, LENGTH), place)
    fold, _ = folded(log)
    records, cursor = fold.checkpoint()
    for state in ([*records, (CURSOR_KEY, cursor)], records):
        restarted = Fold(POLICY)
        restarted.restore(state)
        result = restarted.apply(log.keys[again:], log.values[again:], range(again, len(log)))
        assert [fact.record for fact in result.changes if fact.record.profile_id == USER.decode()] == []
        assert restarted.table.row(USER).tobytes() == fold.table.row(USER).tobytes()
