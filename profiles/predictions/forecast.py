"""Forecasts: the predicted probabilities of profiles, as of their newest event or a later moment."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.snapshot import Chance
from liveprofile.profiles.kernel.context import CompiledScorecards, Floats
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.aliases import Numbers
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.scratch import floats, shorts
from liveprofile.profiles.predictions.adopted_models import AdoptedPredictor
from liveprofile.profiles.predictions.contributions import CHANCES, reasons_in_words
from liveprofile.profiles.predictions.inputs import read_inputs, read_quiet
from liveprofile.profiles.predictions.predict import CHURN, DAY_MS, absence_ms
from liveprofile.profiles.predictions.publish import name_reasons
from liveprofile.profiles.predictions.scorecard import confidence_of, probability_of, score_of
from liveprofile.profiles.state.row import PREDICTION_INPUTS, TASKS, Rows

Times = npt.NDArray[np.int64]
PROBABILITY, CONFIDENCE, REASONS = range(3)
"""Places in the numbers of a forecast; its reasons, three inputs with their effects, come last."""
NUMBERS = REASONS + 6


def probabilities(rows: Rows, predictor: AdoptedPredictor | None, policy: Policy) -> list[dict[str, Chance]]:
    """For each profile of `rows` (n,) the probabilities of the tasks with a model, as of its newest event."""
    if predictor is None or not len(rows):
        return [{} for _ in range(len(rows))]
    found = np.zeros((len(rows), len(TASKS), NUMBERS))
    _predict_all(rows, rows["seen_ms"], predictor.scorecards, policy.numbers, found)
    bands, ready = rows["published_probability_band"].tolist(), predictor.scorecards.ready.tolist()
    return [
        {task: _probability(numbers[at], bands[row][at], predictor.label) for at, task in enumerate(TASKS) if ready[at]}
        for row, numbers in enumerate(found.tolist())
    ]


def probabilities_at(rows: Rows, time_ms: int | Times, predictor: AdoptedPredictor, policy: Policy) -> Floats:
    """The probabilities (n, tasks) at one moment, or at one per row; the pause since the newest event counts.

    0 for a task without a model.
    """
    found = np.zeros((len(rows), len(TASKS), NUMBERS))
    _predict_all(rows, np.maximum(rows["seen_ms"], time_ms), predictor.scorecards, policy.numbers, found)
    return found[:, :, PROBABILITY]


def absence_probabilities(rows: Rows, time_ms: int, days: float, predictor: AdoptedPredictor, policy: Policy) -> Floats:
    """Probability (n,) of no activity for `days` from a moment on; longer horizons than the trained one are chained.

    After one absence the model predicts again, with the longer pause. The probabilities multiply, as in discrete-time
    survival (Singer and Willett, J. Educ. Stat. 1993). For part of an absence, it is raised to that power.
    """
    absences, now_ms = np.zeros(len(rows)), np.maximum(rows["seen_ms"], time_ms).astype(np.int64)
    _absences(rows, policy.numbers, absences)
    found, left = np.ones(len(rows)), np.full(len(rows), days * DAY_MS)
    while np.any(left > 0):
        found *= probabilities_at(rows, now_ms, predictor, policy)[:, CHURN] ** np.clip(left / absences, 0.0, 1.0)
        left -= absences
        now_ms += absences.astype(np.int64)
    return found


def _probability(numbers: list[float], band: int, label: str) -> Chance:
    probability, confidence, *signals = numbers
    return Chance(CHANCES[band], round(probability, 4), round(confidence, 4), reasons_in_words(signals), label)


@compiled
def _absences(rows: Rows, numbers: Numbers, found: Floats) -> None:
    rules = numbers[0]
    for at in range(len(rows)):
        found[at] = absence_ms(rows[at], rules)


@compiled
def _predict_all(rows: Rows, times_ms: Times, scorecards: CompiledScorecards, policy: Numbers, found: Floats) -> None:
    rules, inputs, parts = policy[0], shorts(PREDICTION_INPUTS), floats(PREDICTION_INPUTS)
    for at in range(len(rows)):
        read_inputs(rows[at], rules, inputs)
        read_quiet(rows[at], times_ms[at] - rows[at].seen_ms, inputs)
        for task in range(len(TASKS)):
            if scorecards.ready[task]:
                probability, evidence = probability_of(scorecards, task, score_of(scorecards, task, inputs, parts))
                numbers = found[at][task]
                numbers[PROBABILITY], numbers[CONFIDENCE] = probability, confidence_of(evidence, rows[at].events)
                name_reasons(parts, numbers[REASONS:])
