"""Dormancy detector: an account returns after a pause far above its usual gap, and orders or is at a new place."""

from liveprofile.profiles.anomalies.identity import count_bits, new_places
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LOCATION, SPREAD, Row

PURCHASE, CART, FAILED = int(Action.PURCHASE), int(Action.CART), int(Action.FAILED)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
USUAL_GAP, LEAST_SPREAD = 4.6, 0.8
"""log2(hours): a day where the shopper's own gap is not known; a factor of 1.7 as the minimum spread."""
MOST = 6.0


@compiled
def dormancy_score(row: Row, pause_ms: int, rules: Rules) -> float:
    """Deviations of log2(pause) above the shopper's own usual gap between visits, 0 to 6; 0 below the minimum.

    Call it before the pause is learnt.
    """
    if pause_ms < rules.anomalies_dormant_min_days * DAY_MS:
        return 0.0
    usual = float(row.visit_gap[LOCATION]) if row.visit_gap[SPREAD] > 0.0 else USUAL_GAP
    away = (log2(pause_ms / HOUR_MS) - usual) / max(float(row.visit_gap[SPREAD]), LEAST_SPREAD)
    return min(max(away, 0.0), MOST)


@compiled
def score_dormant(row: Row, rules: Rules) -> float:
    """Dormancy score times the risk of the present actions: a return without an order or a new place scores low."""
    if row.anomaly_dormancy == 0.0:
        return 0.0
    strange = 0.5 * count_bits(new_places(row, rules))
    buys = 0.6 if row.session_by_action[PURCHASE] > 0 else 0.3 if row.session_by_action[CART] > 0 else 0.0
    fails = 0.6 if row.session_by_action[FAILED] > 0 else 0.0
    score: float = row.anomaly_dormancy * min(strange + buys + fails, 1.5)
    return score
