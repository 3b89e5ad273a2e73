"""Bot detector: many pages at a regular pace, without dwell time and without interest in an item."""

from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import SPREAD, Row

LEAST_DEVIATION = 0.02
"""Floor of the mean deviation of log2(gap): one and a half per cent, below which all paces count as equal."""
PERSON = 0.5
"""Mean deviation of log2(gap) of the steadiest person: a factor of 1.4 either way."""


@compiled
def score_bot(row: Row, rules: Rules) -> float:
    """log2 of how many times steadier than a person's the pace is, plus log2 of the pages over the minimum number.

    0 with fewer pages, or at a person's pace. Pages with dwell time, and pages followed by a wish, lower it
    (see the row's `pages`).
    """
    deviation = max(float(row.pace[SPREAD]), LEAST_DEVIATION)
    if row.pages < rules.anomalies_bot_min_pages or deviation >= PERSON:
        return 0.0
    return log2(PERSON / deviation) + log2(row.pages / rules.anomalies_bot_min_pages)
