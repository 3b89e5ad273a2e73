"""BG/NBD: expected purchases of a shopper, from the number of purchases, the time of the last one, and the age.

Each shopper has a purchase rate (gamma distributed over shoppers) and a probability of leaving after each purchase
(beta distributed). Fader, Hardie and Lee, "Counting your customers" the easy way, Marketing Science 24 (2005).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Floats = npt.NDArray[np.float64]

LONGEST = 1.0
"""Ages are scaled to this maximum for fitting, so that the penalty means the same for all data."""


WITHIN = (-7.0, 7.0)
"""Bounds of the logarithms of the parameters: if nobody leaves, `a` and `b` would both go to 0."""


class Histories(NamedTuple):
    """The model's inputs of n shoppers; all times in one unit, such as weeks."""

    repeats: Floats
    """(n,) purchases after the first."""
    last: Floats
    """(n,) time from the first to the last one; 0 if there was only one."""
    age: Floats
    """(n,) time since the first."""


class BgNbd(NamedTuple):
    """A fitted model; `alpha` is in the unit of the histories."""

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, histories: Histories, penalty: float = 0.0) -> "BgNbd":
        """The parameters of least mean negative log likelihood plus `penalty` times their sum of squares.

        RuntimeError if the optimiser does not converge.
        """
        scale = LONGEST / float(histories.age.max())
        scaled = Histories(histories.repeats, histories.last * scale, histories.age * scale)

        def loss(logs: Floats) -> float:
            numbers = np.exp(logs)
            return penalty * float(numbers @ numbers) - float(cls(*numbers).log_likelihood(scaled).mean())

        found = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=[WITHIN] * 4)
        if not found.success:
            raise RuntimeError(f"BG/NBD on {len(histories.age)} histories: {found.message} Try a larger penalty.")
        r, alpha, a, b = np.exp(found.x).tolist()
        return cls(r, alpha / scale, a, b)

    def log_likelihood(self, histories: Histories) -> Floats:
        """Log likelihood of each shopper (n,): equation 6 of the paper.

        >>> one = Histories(np.array([2.0]), np.array([30.43]), np.array([38.86]))
        >>> round(float(BgNbd(0.243, 4.414, 0.793, 2.426).log_likelihood(one)[0]), 4)
        -9.4586
        """
        r, alpha, a, b = self
        x, last, age = histories
        buys = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        earlier = np.maximum(x, 1.0) - 1.0
        leaves = betaln(a + 1.0, b + earlier) - betaln(a, b) - (r + x) * np.log(alpha + last)
        return np.asarray(buys + np.where(x > 0, np.logaddexp(stays, leaves), stays))

    def expected(self, histories: Histories, time: float) -> Floats:
        """Expected purchases of each shopper (n,) within a time from now: equation 10 of the paper.

        >>> one = Histories(np.array([2.0]), np.array([30.43]), np.array([38.86]))
        >>> round(float(BgNbd(0.243, 4.414, 0.793, 2.426).expected(one, 39.0)[0]), 3)
        1.226
        """
        r, alpha, a, b = self
        x, last, age = histories
        shrinks = (alpha + age) / (alpha + age + time)
        series = hyp2f1(r + x, b + x, a + b + x - 1.0, 1.0 - shrinks)
        bought = (a + b + x - 1.0) / (a - 1.0) * (1.0 - shrinks ** (r + x) * series)
        odds_gone = a / (b + np.maximum(x, 1.0) - 1.0) * ((alpha + age) / (alpha + last)) ** (r + x)
        return np.asarray(bought / (1.0 + np.where(x > 0, odds_gone, 0.0)))
