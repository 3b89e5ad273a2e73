"""Fraud baselines: the amount, its deviation from the card's mean, frequency of use, and Isolation Forest."""

from collections import defaultdict, deque

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.fraud.transactions import DAY_MS, Table

Floats = npt.NDArray[np.float64]
LEAST_DEVIATION = 1.0
"""Least standard deviation of a card's amounts, major units."""


def deviations(table: Table) -> Floats:
    """Amounts (n,) in standard deviations above the card's earlier mean (Welford 1962); 0 for its first two."""
    known: defaultdict[int, tuple[int, float, float]] = defaultdict(lambda: (0, 0.0, 0.0))
    found = np.zeros(len(table.cards))
    for at, (card, amount) in enumerate(zip(table.cards.tolist(), table.amounts.tolist(), strict=True)):
        count, mean, squares = known[card]
        off = amount - mean
        if count >= 2:
            found[at] = off / max((squares / (count - 1)) ** 0.5, LEAST_DEVIATION)
        mean += off / (count + 1)
        known[card] = count + 1, mean, squares + off * (amount - mean)
    return found


def uses_in_a_day(table: Table) -> Floats:
    """Uses of each card in the last 24 hours, including this one (n,)."""
    lately: defaultdict[int, deque[int]] = defaultdict(deque)
    found = np.zeros(len(table.cards))
    for at, (card, time_ms) in enumerate(zip(table.cards.tolist(), table.times_ms.tolist(), strict=True)):
        times = lately[card]
        times.append(time_ms)
        while times[0] <= time_ms - DAY_MS:
            times.popleft()
        found[at] = len(times)
    return found


def isolation(table: Table, columns: Floats, seed: int) -> Floats:
    """Isolation Forest (Liu, Ting and Zhou, ICDM 2008) on `columns` (n, k); a forest of all earlier days scores a day.

    The first day has no forest: 0. Trees have the library's default size.
    """
    from sklearn.ensemble import IsolationForest

    found = np.zeros(len(table.cards))
    for day in np.unique(table.days)[1:].tolist():
        forest = IsolationForest(random_state=seed).fit(columns[table.days < day])
        found[table.days == day] = -forest.score_samples(columns[table.days == day])
    return found
