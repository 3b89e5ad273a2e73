"""Examples that fill every buffer of every learner: as many groups, names as long, scores as varied as there can be."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import orjson

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.anomalies.evidence import WEIGHTS
from liveprofile.profiles.fold.fold import EXAMPLE_DIMS
from liveprofile.profiles.fold.training_examples import LONGEST_NAME
from liveprofile.profiles.predictions.cold_start_example import BECOME
from liveprofile.profiles.records import training_example
from liveprofile.profiles.state.row import OUTLIER_INPUTS, PREDICTION_INPUTS, TASKS

Record = tuple[bytes, bytes]
FIRST_MS = 1_767_268_800_000
ACTIVITY_DIMS = 128
SESSION_DIMS = len(WEIGHTS) + 2 + OUTLIER_INPUTS


def name(number: int) -> str:
    """A category as long as one in an example can be, of letters with three bytes each."""
    return f"{number:05d}/{'厨' * LONGEST_NAME}"[:LONGEST_NAME]


def place_examples(count: int, seed: int = 1) -> list[Record]:
    """Interests in as many directions as there are examples, each with a topic of its own."""
    random = np.random.default_rng(seed)

    def fill(rows: Any) -> None:
        rows["vector"] = random.integers(-9_000, 9_000, rows["vector"].shape)
        rows["topic"] = np.arange(1, count + 1)

    return _records(ExampleKind.PLACE, EXAMPLE_DIMS, count, fill, [name(at) for at in range(count)])


def label_examples(count: int, seed: int = 2) -> list[Record]:
    """Labelled predictions of all tasks."""
    random = np.random.default_rng(seed)

    def fill(rows: Any) -> None:
        rows["task"] = np.arange(count) % len(TASKS)
        rows["label"] = random.random(count) < 0.3
        rows["probability"] = random.random(count) / 2
        rows["input"] = random.integers(-3_000, 9_000, rows["input"].shape)

    return _records(ExampleKind.LABELLED, PREDICTION_INPUTS, count, fill)


def review_examples(count: int, seed: int = 3) -> list[Record]:
    """Reviews of every number of stars, in words that go with them."""
    random = np.random.default_rng(seed)

    def fill(rows: Any) -> None:
        rows["stars"] = random.choice([10, 20, 40, 50], count)
        rows["vector"] = random.integers(-9_000, 9_000, rows["vector"].shape)
        rows["vector"][:, 0] = rows["stars"].astype(np.int16) * 300  # words that tell praise from blame

    return _records(ExampleKind.REVIEW, ACTIVITY_DIMS + 1, count, fill)


def entry_examples(count: int, seed: int = 4) -> list[Record]:
    """Beginnings of shoppers: more groups than are kept, each with topics that no other has."""
    random = np.random.default_rng(seed)

    def fill(rows: Any) -> None:
        rows["entry"], rows["cluster"] = np.arange(count) // 6 % 700, random.integers(0, 16, count)
        rows["bought"], rows["order"] = random.random(count) < 0.3, random.random(count) * 10
        rows["share"] = random.random(rows["share"].shape)

    topics = [orjson.dumps([name(at * step % 50_021) for step in (3, 7, 11)]).decode() for at in range(count)]
    return _records(ExampleKind.ENTRY, BECOME, count, fill, topics)


def session_examples(count: int, seed: int = 5, *, of_one_tick: bool = False) -> list[Record]:
    """Sessions with scores of every size; with `of_one_tick` one record of the log has ended them all."""
    random = np.random.default_rng(seed)

    def fill(rows: Any) -> None:
        rows["score"] = np.abs(random.normal(size=rows["score"].shape) * 8)
        rows["score"][:, len(WEIGHTS)] = 0  # nothing was raised
        rows["score"][:, len(WEIGHTS) + 1] = 1  # the first session of the day
        rows["day"] = FIRST_MS // 86_400_000 + np.arange(count) // 500
        if of_one_tick:
            rows["offset"], rows["ordinal"] = 1_000_000, np.arange(count)

    return _records(ExampleKind.SESSION, SESSION_DIMS, count, fill)


def _records(
    kind: ExampleKind, dims: int, count: int, fill: Callable[[Any], None], texts: Sequence[str] = ()
) -> list[Record]:
    rows = training_example.blank_examples(kind, count, dims, partition=0)
    rows["offset"], rows["event_time_ms"] = np.arange(count), FIRST_MS + 1_000 * np.arange(count)
    fill(rows)
    return [(b"%032x" % at, value) for at, value in enumerate(training_example.encode(rows, texts))]
