"""Card precision: of the cards that can be reviewed in a day, the share with fraud on that day."""

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.figures.scores import rounded
from liveprofile.streams.backtest.fraud.transactions import Table

LOOKED_AT = 100
"""Cards reviewed per day."""


def card_precision(table: Table, scores: npt.NDArray[np.float64], among: npt.NDArray[np.bool_]) -> float | None:
    """Mean over days of the share of fraud among the cards with the largest scores of the day; None without a day.

    A card with detected fraud is blocked and not reviewed on later days (Le Borgne et al., Fraud Detection Handbook,
    2022, chapter 4, "Card Precision top-k"). `among` marks the transactions (n,) that count.
    """
    blocked: set[int] = set()
    shares = []
    for day in np.unique(table.days[among]).tolist():
        largest: dict[int, float] = {}
        stolen: set[int] = set()
        for at in np.flatnonzero(among & (table.days == day)).tolist():
            card = int(table.cards[at])
            if card not in blocked:
                largest[card] = max(largest.get(card, -np.inf), float(scores[at]))
                stolen |= {card} if table.scenarios[at] else set()
        chosen = sorted(largest, key=lambda card: (-largest[card], card))[:LOOKED_AT]
        blocked |= stolen.intersection(chosen)
        shares.append(len(stolen.intersection(chosen)) / LOOKED_AT)
    return rounded(float(np.mean(shares))) if shares else None
