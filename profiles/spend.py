"""Spend: totals, the decayed recent spend, and how unusual an order is for this shopper (a robust z)."""

import numpy as np

from profiles.activity import Action
from profiles.exact import Floats, log2
from profiles.policy import Policy
from profiles.population import Population
from profiles.wave import Wave

LEAST_SPREAD = 0.35
"""Floor of the spread of log2(order): nobody's orders are more regular than a quarter up or down."""
CLIP = 2.5
"""An order moves location and spread as if it were at most this many spreads away (Huber 1964)."""
LEAST_STEP = 0.05
SIGMA_OF_MEAN_DEVIATION = 1.2533
"""Standard deviation over mean absolute deviation, for a normal distribution."""


def update_spend(wave: Wave, policy: Policy, population: Population) -> Floats:
    """Add the order, and return its robust z (n,) against what was usual before it; 0 for what is no order."""
    rows, action = wave.rows, wave.events["action"]
    bought = (action == Action.PURCHASE) & wave.whole
    refunded = (action == Action.REFUND) & wave.whole
    total = wave.events["order_total"]
    rows["spend_recent"] = rows["spend_recent"] * wave.keep[:, 2] + np.where(bought, total, 0) * wave.fresh[:, 2]
    rows["spend_recent"] = np.maximum(rows["spend_recent"] - np.where(refunded, total, 0) * wave.fresh[:, 2], 0)
    rows["spent"] += np.where(bought, total, 0)
    rows["refunded"] += np.where(refunded, total, 0)
    rows["refunds"] += refunded
    score = np.zeros(len(rows))
    at = np.flatnonzero(bought & (total > 0))
    if len(at):
        score[at] = _judge_and_learn(wave, at, policy, population)
    rows["orders"] += bought
    return score


def _judge_and_learn(
    wave: Wave, at: np.ndarray[tuple[int], np.dtype[np.int64]], policy: Policy, population: Population
) -> Floats:
    """Robust z of log2(order): location and spread of the shopper, shrunk to the population's while orders are few."""
    rows = wave.rows
    size = log2(wave.events["order_total"][at].astype(np.float64))
    orders = rows["orders"][at].astype(np.float64)
    location = rows["order_location"][at].astype(np.float64)
    spread = rows["order_spread"][at].astype(np.float64)
    prior = policy.spend_prior_orders
    usual = (orders * location + prior * population.location) / (orders + prior)
    width = np.maximum((orders * spread + prior * population.spread) / (orders + prior), LEAST_SPREAD)
    z = (size - usual) / width
    step = np.maximum(1.0 / (orders + 1.0), LEAST_STEP)
    start = np.where(orders == 0, usual, location)
    moved = np.clip(size - start, -CLIP * width, CLIP * width)
    rows["order_location"][at] = np.where(orders == 0, usual + moved, location + step * moved)
    away = np.minimum(np.abs(moved) * SIGMA_OF_MEAN_DEVIATION, CLIP * width)
    rows["order_spread"][at] = np.where(orders == 0, population.spread, spread + step * (away - spread))
    return z
