"""Amounts as integers in hundredths of a currency's main unit.

Every currency uses hundredths, also the yen and the dinar. A shop counts in one currency (the setting `currency`), so
readers of a profile need not know the currency's own subdivision.
"""

from functools import lru_cache

from liveprofile.streams.contract.currencies import CURRENCIES
from liveprofile.streams.contract.refusals import Reason, RefusedError, fault_of

AMOUNT_LIMIT = 1_000_000_000
"""The largest price or total, in the currency's main unit."""
MINOR_LIMIT = 10**15
"""The largest amount in hundredths: integers below it, and their sums, are exact in a float64."""
HUNDREDTHS = 100


@lru_cache(maxsize=1024)
def currency_code(currency: str | None) -> str:
    """The ISO 4217 code in capitals; empty if none is given. RefusedError for an unknown code.

    >>> currency_code("eur"), currency_code(None)
    ('EUR', '')
    """
    code = currency.strip().upper() if currency else ""
    if code and code not in CURRENCIES:
        raise RefusedError(Reason.UNKNOWN_CURRENCY)
    return code


def to_minor(amount: float | None, name: str) -> int:
    """An amount in hundredths, 0 if not given. RefusedError outside 0 to AMOUNT_LIMIT; NaN is outside, too.

    >>> to_minor(12.5, "price")
    1250
    """
    if amount is None:
        return 0
    if 0 <= amount <= AMOUNT_LIMIT:
        return round(amount * HUNDREDTHS)
    raise RefusedError(Reason.OUT_OF_RANGE, f"{name} {fault_of(amount)}; it must lie between 0 and {AMOUNT_LIMIT:,}.")
