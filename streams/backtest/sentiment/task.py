"""The task `sentiment`: whether a review is praise or blame, predicted from its words before its stars are seen."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.engine.arrivals import of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.sentiment.baselines import by_words, in_one_go, mean_stars, prior_rate
from liveprofile.streams.backtest.sentiment.reader import Reader
from liveprofile.streams.backtest.sentiment.reviews import Reviews, clear_reviews
from liveprofile.streams.backtest.task.cases import OURS, Cases, Forecast
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.datasets.amazon_reviewers import read_all

BATCH = 200
"""Records per batch of the engine: small, because in a shop the learner is never far behind."""
TRAINING = "training.jsonl.gz"
"""The file that the upper-bound model is trained on, if the data folder has it."""

Floats = npt.NDArray[np.float64]


async def sentiment(run: Run) -> Sequence[Cases]:
    """All reviews, test then train; and held-out ones, compared with a model that was trained on the training file."""
    taken = read_all(run.path(), run.limit)
    reader = Reader()
    async with Engine(run.wiring("USD"), observer=reader, batch=BATCH) as engine:
        reader.look_into(engine.partitions[0].fold)
        await engine.run(of_file(taken), lambda done: run.progress(done / len(taken)))
    reviews = clear_reviews(taken)
    predicted = np.array([reader.scores.get(at, np.nan) for at in reviews.places.tolist()])
    probabilities = {
        OURS: calibrated(predicted, reviews.praise),
        "prior rate": prior_rate(reviews.praise),
        "lexical, online": by_words(reviews.texts, reviews.praise, run.seed),
    }
    scores = {
        "item's stars": mean_stars(reviews, reviews.items),
        "shopper's stars": mean_stars(reviews, reviews.users),
    }
    known = ~np.isnan(predicted)
    return [
        _cases("sentiment", reviews, known, probabilities, scores),
        *_held_out(run, reviews, known, probabilities, scores),
    ]


def calibrated(predicted: Floats, praise: npt.NDArray[np.bool_]) -> Floats:
    """Probabilities (n,) from scores of -1 to 1; the learner gives praise and blame the same weight.

    The score's log-odds plus the log-odds of praise among earlier reviews; NaN stays.
    """
    rate = prior_rate(praise)
    even = np.clip((predicted + 1.0) / 2.0, 1e-6, 1.0 - 1e-6)
    return np.asarray(1.0 / (1.0 + (1.0 - even) / even * (1.0 - rate) / rate), np.float64)


def _held_out(
    run: Run,
    reviews: Reviews,
    known: npt.NDArray[np.bool_],
    probabilities: dict[str, Floats],
    scores: dict[str, Floats],
) -> list[Forecast]:
    """The reviews that are not in the training file, if there is one."""
    path = run.path() / TRAINING
    if not path.exists():
        return []
    taught = clear_reviews(read_all(path, None))
    seen = set(zip(taught.users.tolist(), taught.times_ms.tolist(), taught.items.tolist(), strict=True))
    ids = zip(reviews.users.tolist(), reviews.times_ms.tolist(), reviews.items.tolist(), strict=True)
    chosen = known & np.array([one not in seen for one in ids], bool)
    above = np.full(len(known), np.nan)
    above[chosen] = in_one_go(taught, [text for text, one in zip(reviews.texts, chosen, strict=True) if one])
    upper = {"TF-IDF, trained on the training file (upper line)": above}
    return [_cases("sentiment, held-out reviews", reviews, chosen, probabilities | upper, scores)]


def _cases(
    task: str,
    reviews: Reviews,
    chosen: npt.NDArray[np.bool_],
    probabilities: dict[str, Floats],
    scores: dict[str, Floats],
) -> Forecast:
    return Forecast(
        task=task,
        users=reviews.users[chosen],
        times_ms=reviews.times_ms[chosen],
        happened=reviews.praise[chosen],
        probabilities={name: one[chosen] for name, one in probabilities.items()},
        scores={name: one[chosen] for name, one in scores.items()},
        details={"reviews": len(reviews.praise), "left out": int((~chosen).sum())},
    )
