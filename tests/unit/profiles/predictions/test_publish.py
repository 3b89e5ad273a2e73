"""A band of a probability is entered at its odds, and left only well below them."""

from typing import Any

import numpy as np
import pytest
from support.activities import DIMS
from support.folding import Shopper

from liveprofile.profiles.kernel.detections import DETECTION
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.predictions.publish import BAND, odds_bound, publish_probability
from liveprofile.profiles.state.row import PREDICTION_INPUTS, TASKS, blank_rows

RULES = Policy(dims=DIMS).rules
MIDDLE, HIGH = RULES.predictions_odds
RATE = 0.02
SURE = 1.0


def published(before: int, times: float, confidence: float = SURE) -> tuple[int, Any]:
    """The band after a probability of so many times the usual odds, and the detection if there is one."""
    shop = Shopper().fold.cursor.context(np.zeros((0, 2), np.int64))
    shop = shop._replace(scorecards=shop.scorecards._replace(rate=np.full(len(TASKS), RATE)))
    row, detections = blank_rows(1, DIMS)[0], np.zeros(1, DETECTION)
    row["published_probability_band"][0] = before
    parts = np.zeros(PREDICTION_INPUTS)
    probability = odds_bound(RATE, times)
    count, _ = publish_probability(row, 0, probability, confidence, parts, RULES, shop, detections, 0)
    return int(row["published_probability_band"][0]), detections[0] if count else None


@pytest.mark.parametrize(("band", "times"), [(1, MIDDLE), (2, HIGH)])
def test_a_band_is_entered_at_its_odds_and_left_below_the_exit_factor_of_them(band: int, times: float) -> None:
    leave = times * RULES.predictions_exit_factor
    assert published(band - 1, 0.99 * times)[0] == band - 1
    entered, said = published(band - 1, 1.01 * times)
    assert entered == said["after"][BAND] == band
    assert said["threshold"] == pytest.approx(odds_bound(RATE, times))
    assert published(band, 1.01 * leave) == (band, None)
    left, said = published(band, 0.99 * leave)
    assert left == said["after"][BAND] == band - 1
    assert said["threshold"] == pytest.approx(odds_bound(RATE, leave))


def test_a_band_rises_only_where_there_is_confidence_and_falls_without() -> None:
    unsure = RULES.predictions_min_confidence - 0.01
    assert published(0, 2 * HIGH, unsure) == (0, None)
    assert published(2, 0.1, unsure)[0] == 0
