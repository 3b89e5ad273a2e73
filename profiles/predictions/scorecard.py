"""Scorecards for compiled code: from inputs to a score, its probability, and the contribution of each input."""

from liveprofile.models.learners.scorecard import CURVE, KNOTS, ONE, STEPS, Scorecards, no_scorecards
from liveprofile.profiles.kernel.context import CompiledScorecards, Floats
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.predictions.inputs import LAYOUT, Inputs
from liveprofile.profiles.state.row import PREDICTION_INPUTS, TASKS

PAIR_OF = tuple(first for first, _ in LAYOUT.places_of_pairs)
PAIR_WITH = tuple(second for _, second in LAYOUT.places_of_pairs)
SCORE, PROBABILITY, EXAMPLES = range(3)
"""Places in a knot of a scorecard's curve."""
CONFIDENT_EXAMPLES = 50.0
"""Number of similar examples at which a probability has half confidence."""
CONFIDENT_EVENTS = 5.0
"""Activities of a shopper at which their profile has half confidence."""


def compile_scorecards(scorecards: Scorecards) -> CompiledScorecards:
    """The arrays of a model. ValueError for a model of other tasks."""
    if scorecards.tasks != len(TASKS):
        raise ValueError(f"a predictor of {scorecards.tasks} tasks, expected {len(TASKS)}: {', '.join(TASKS)}")
    return CompiledScorecards(*(getattr(scorecards, name) for name in CompiledScorecards._fields))


NO_SCORECARDS = compile_scorecards(no_scorecards(len(TASKS), LAYOUT))
"""Before the first adoption."""


@compiled
def score_of(scorecards: CompiledScorecards, task: int, inputs: Inputs, parts: Floats) -> float:
    """The score of a task; `parts` (PREDICTION_INPUTS,) becomes each input's contribution beyond its average."""
    score = scorecards.bias[task]
    for at in range(PREDICTION_INPUTS):
        whole = min(int(inputs[at]) // ONE, KNOTS - 2)
        rest = (int(inputs[at]) - whole * ONE) / ONE
        low, high = scorecards.tables[task][at][whole], scorecards.tables[task][at][whole + 1]
        part = low + rest * (high - low)
        score += part
        parts[at] = part - scorecards.usual[task][at]
    for pair in range(len(PAIR_OF)):
        first, second = PAIR_OF[pair], PAIR_WITH[pair]
        one, other = min(int(inputs[first]) // ONE, STEPS - 1), min(int(inputs[second]) // ONE, STEPS - 1)
        part = scorecards.pairs[task][pair][one][other]
        score += part
        parts[first] += 0.5 * part
        parts[second] += 0.5 * part
    return float(score)


@compiled
def probability_of(scorecards: CompiledScorecards, task: int, score: float) -> tuple[float, float]:
    """The probability of a score, and the number of examples behind it: interpolated between the curve's knots."""
    curve = scorecards.curve[task]
    if score <= curve[0][SCORE]:
        return curve[0][PROBABILITY], curve[0][EXAMPLES]
    for at in range(1, CURVE):
        low, high = curve[at - 1], curve[at]
        if score <= high[SCORE]:
            share = (score - low[SCORE]) / (high[SCORE] - low[SCORE])
            probability = low[PROBABILITY] + share * (high[PROBABILITY] - low[PROBABILITY])
            return probability, low[EXAMPLES] + share * (high[EXAMPLES] - low[EXAMPLES])
    return curve[CURVE - 1][PROBABILITY], curve[CURVE - 1][EXAMPLES]


@compiled
def confidence_of(evidence: float, events: int) -> float:
    """Confidence of a probability, 0 to 1: by the number of similar examples and of the shopper's activities.

    >>> confidence_of(50.0, 5), confidence_of(0.0, 100)
    (0.25, 0.0)
    """
    return evidence / (evidence + CONFIDENT_EXAMPLES) * (events / (events + CONFIDENT_EVENTS))
