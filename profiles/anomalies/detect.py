"""Scores every detector, decides separately, and updates baselines only while no anomaly is open."""

import numpy as np

from liveprofile.profiles.anomalies.bot import score_bot
from liveprofile.profiles.anomalies.decide import decide, decide_rule
from liveprofile.profiles.anomalies.dormant import score_dormant
from liveprofile.profiles.anomalies.drift import (
    FIRST_SPREAD,
    FIRST_USUAL,
    distance_from_earlier,
    drift,
    learn_drift,
    new_share,
    score_drift,
)
from liveprofile.profiles.anomalies.identity import new_places, score_identity
from liveprofile.profiles.anomalies.kinds import (
    BOT,
    DORMANT,
    DRIFT,
    IDENTITY,
    OF_BOT,
    OF_DRIFT,
    OF_OUTLIER,
    OF_PAYMENT,
    OF_SPEND,
    OF_STRANGER,
    OF_VELOCITY,
    OUTLIER,
    PAYMENT,
    SPEND,
    VELOCITY,
)
from liveprofile.profiles.anomalies.named import FIRST_VALUE, RULE_PLACE, SIGNALS, read_signals, strongest
from liveprofile.profiles.anomalies.outlier import score_outlier, take_inputs
from liveprofile.profiles.anomalies.payment import score_payment
from liveprofile.profiles.anomalies.sessions import begin_session
from liveprofile.profiles.anomalies.spend import score_spend
from liveprofile.profiles.anomalies.velocity import score_velocity
from liveprofile.profiles.kernel.context import AnomalyModel, DetectionBuffers, Floats, Ints
from liveprofile.profiles.kernel.detections import ANOMALY, any_open
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import exp2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.scratch import floats
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import DETECTORS, LOCATION, SPREAD, Row
from liveprofile.profiles.traits.origins import NEW_COUNTRY, NEW_DEVICE, NEW_NETWORK

LOG2_OF_100 = 6.643856189774724
PURCHASE = int(Action.PURCHASE)
SIGNAL_COUNT = len(SIGNALS)


@compiled
def detect_anomalies(
    row: Row,
    event: Row,
    begins: bool,
    asleep: float,
    order: tuple[float, float, float],
    rules: Rules,
    anomaly_model: AnomalyModel,
    utc_offsets: Ints,
    buffers: DetectionBuffers,
    count: int,
) -> int:
    """Score the profile after its activity was applied, decide, and learn its usual drift if no anomaly is open.

    `begins` says whether the activity begins a visit, `asleep` is the dormancy score from before the pause was learnt,
    `order` is what `update_spend` returned.
    """
    spend_z, usual_order, shop_z = order
    if row.events == 1:
        row.drift_location, row.drift_spread = FIRST_USUAL, FIRST_SPREAD
    begin_session(row, begins, asleep, buffers)
    distance, scores, first = drift(row, rules), floats(DETECTORS), count
    spend = score_spend(event, spend_z, usual_order, shop_z)
    _score_all(row, event, distance, spend, rules, anomaly_model, utc_offsets, scores)
    count = decide(row, scores, rules, anomaly_model, buffers.detections, count)
    count = _judge_rules(row, scores[VELOCITY], rules, anomaly_model, buffers, count)
    for at in range(first, count):
        _write_signals(row, event, usual_order, spend_z, scores, rules, buffers.detections[at])
    if distance >= 0.0 and not any_open(row):
        learn_drift(row, distance)
    return count


@compiled
def _score_all(
    row: Row,
    event: Row,
    distance: float,
    spend: float,
    rules: Rules,
    anomaly_model: AnomalyModel,
    utc_offsets: Ints,
    scores: Floats,
) -> None:
    """Write the scores (VOTERS,), and keep the maximum of the session."""
    scores[VELOCITY] = score_velocity(row, rules)
    scores[SPEND] = spend
    scores[DRIFT] = score_drift(row, distance, rules)
    scores[BOT] = score_bot(row, rules)
    scores[IDENTITY] = score_identity(row, rules)
    scores[PAYMENT] = score_payment(row)
    scores[DORMANT] = score_dormant(row, rules)
    if row.anomaly_session != 0:
        row.anomaly_max_scores[SPEND] = max(row.anomaly_max_scores[SPEND], scores[SPEND])
        take_inputs(row, event, rules, utc_offsets)
        scores[OUTLIER] = score_outlier(row.anomaly_input, anomaly_model.trees)
        for at in range(DETECTORS):
            row.anomaly_max_scores[at] = max(row.anomaly_max_scores[at], scores[at])


@compiled
def _judge_rules(
    row: Row, speed: float, rules: Rules, anomaly_model: AnomalyModel, buffers: DetectionBuffers, count: int
) -> int:
    """Raise the most severe named rule that holds; its detection has the rule's place and its signals."""
    signals = floats(SIGNAL_COUNT)
    read_signals(row, speed, rules, signals)
    rule = strongest(signals, anomaly_model.rules)
    after = decide_rule(
        row, rule, float(anomaly_model.rules.severity[rule]) if rule >= 0 else 0.0, rules, buffers.detections, count
    )
    if after > count:
        detection, place = buffers.detections[count], FIRST_VALUE
        detection.signals[RULE_PLACE] = rule
        for at in range(SIGNAL_COUNT):
            about = anomaly_model.rules.at_least[rule, at] > -np.inf or anomaly_model.rules.below[rule, at] < np.inf
            if about and place < len(detection.signals):
                detection.signals[place] = signals[at]
                place += 1
    return after


@compiled
def _write_signals(
    row: Row, event: Row, usual_order: float, spend_z: float, scores: Floats, rules: Rules, detection: Row
) -> None:
    """The numbers behind an anomaly, at the places of their names in `kinds`."""
    kind, to = detection.about - ANOMALY, detection.signals
    if kind == VELOCITY:
        to[OF_VELOCITY.events_last_minute], to[OF_VELOCITY.events_of_a_week] = row.rate_burst, row.rate_short
    elif kind == SPEND:
        to[OF_SPEND.robust_z], to[OF_SPEND.order] = spend_z, event.order_total / 100.0
        to[OF_SPEND.usual_order] = exp2(usual_order - LOG2_OF_100)
    elif kind == DRIFT:
        to[OF_DRIFT.distance], to[OF_DRIFT.new_topics] = distance_from_earlier(row), new_share(row, 1.0)
        to[OF_DRIFT.usual_drift] = row.drift_location
    elif kind == BOT:
        to[OF_BOT.pages], to[OF_BOT.pace_spread] = row.pages, row.pace[SPREAD]
        to[OF_BOT.seconds_between] = exp2(row.pace[LOCATION]) / 1000.0
    elif kind in (IDENTITY, DORMANT):
        _write_stranger(row, rules, to)
    elif kind == PAYMENT:
        to[OF_PAYMENT.failed_payments] = row.failed
    elif kind == OUTLIER:
        to[OF_OUTLIER.log2_rarity] = scores[OUTLIER]


@compiled
def _write_stranger(row: Row, rules: Rules, to: Floats) -> None:
    new = new_places(row, rules)
    to[OF_STRANGER.new_device] = (new & NEW_DEVICE) != 0
    to[OF_STRANGER.new_network] = (new & NEW_NETWORK) != 0
    to[OF_STRANGER.new_country] = (new & NEW_COUNTRY) != 0
    to[OF_STRANGER.new_topics] = new_share(row, 1.0)
    to[OF_STRANGER.orders], to[OF_STRANGER.sleep] = row.session_by_action[PURCHASE], row.anomaly_dormancy
