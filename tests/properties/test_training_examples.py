"""What learners learn does not depend on batches, nor on a crash between profiles and cursor."""

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import DIMS, Log, random_log
from support.predictors import adopt_predictor

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import Schedule, ScheduledLearner
from liveprofile.profiles.anomalies.sessions import SESSION
from liveprofile.profiles.fold.cursor import CURSOR_KEY
from liveprofile.profiles.fold.fold import EXAMPLE_DIMS, Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.predictions.cold_start_example import BECOME
from liveprofile.profiles.state.row import PREDICTION_INPUTS
from liveprofile.streams.stages.learn.fold import Learning

POLICY = Policy(dims=DIMS)
NUMBERS = {
    ExampleKind.PLACE: EXAMPLE_DIMS,
    ExampleKind.LABELLED: PREDICTION_INPUTS,
    ExampleKind.REVIEW: DIMS,
    ExampleKind.SESSION: SESSION["numbers"].shape[0],
    ExampleKind.ENTRY: BECOME,
}
SEEDS = st.integers(0, 2**32 - 1)
Examples = list[tuple[bytes, bytes]]


class Diary:
    """A learner that writes down what it is given."""

    def __init__(self, kind: ExampleKind) -> None:
        self.what = self.name = kind.name
        self.kind, self.dims = int(kind), NUMBERS[kind]
        self.pages: list[tuple[bytes, str]] = []

    def learn(self, x: Any, text: str) -> None:
        self.pages.append((x.tobytes(), text))

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


def learnt(examples: Examples) -> dict[str, list[tuple[bytes, str]]]:
    """What learners of every kind are given of a stream of examples."""
    diaries = [Diary(kind) for kind in ExampleKind]
    learning = Learning([ScheduledLearner(diary, Schedule(10**9, 10**9)) for diary in diaries])  # type: ignore[arg-type]
    keys, values = [key for key, _ in examples], [value for _, value in examples]
    assert list(learning.take(range(len(examples)), keys, values)) == [] and not learning.unreadable
    return {diary.what: diary.pages for diary in diaries}


def shop(seed: int) -> Log:
    """A log in which sessions end, under a predictor that is in force from its beginning."""
    log = random_log(seed, count=700, users=40)
    return Log([b"\x00adopt", *log.keys], [adopt_predictor(), *log.values])


def fold(folded: Fold, log: Log, cuts: list[int], start: int = 0) -> Examples:
    found: Examples = []
    places = sorted({start, *(cut for cut in cuts if start < cut < len(log)), len(log)})
    for low, high in pairwise(places):
        found += folded.apply(log.keys[low:high], log.values[low:high], range(low, high)).examples
    return found


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, cuts=st.lists(st.integers(0, 700), max_size=20))
def test_batches_do_not_matter(seed: int, cuts: list[int]) -> None:
    log = shop(seed)
    whole = learnt(fold(Fold(POLICY), log, []))
    assert whole["PLACE"] and whole["LABELLED"]
    assert learnt(fold(Fold(POLICY), log, cuts)) == whole


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, checkpoint=st.integers(1, 350), crash=st.integers(351, 699), written=st.floats(0, 1))
def test_examples_that_are_sent_again_after_a_crash_are_learnt_once(
    seed: int, checkpoint: int, crash: int, written: float
) -> None:
    """Some profiles of the second checkpoint are durable and the cursor is not: those skip what is folded again."""
    log, first = shop(seed), Fold(POLICY)
    sent = fold(first, Log(log.keys[:checkpoint], log.values[:checkpoint]), [])
    records, cursor = first.checkpoint()
    sent += fold(first, Log(log.keys[:crash], log.values[:crash]), [], checkpoint)
    later, _ = first.checkpoint()
    second = Fold(POLICY)
    second.restore([*records, *later[: round(written * len(later))], (CURSOR_KEY, cursor)])
    sent += fold(second, log, [], checkpoint)
    assert learnt(sent) == learnt(fold(Fold(POLICY), log, []))
