"""Amounts as integers in hundredths of a currency's main unit, and the currencies of ISO 4217.

Every currency uses hundredths, also the yen and the dinar. A shop counts in one currency (the setting `currency`), so
readers of a profile need not know the currency's own subdivision.
"""

from functools import lru_cache

from liveprofile.streams.contract.refusals import Reason, RefusedError

AMOUNT_LIMIT = 1_000_000_000
"""The largest price or total, in the currency's main unit."""
MINOR_LIMIT = 10**15
"""The largest amount in hundredths: integers below it, and their sums, are exact in a float64."""
HUNDREDTHS = 100

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL "
    "LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR "
    "PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND "
    "TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL"
)
CURRENCIES = frozenset(_CODES.split())


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
    raise RefusedError(Reason.OUT_OF_RANGE, f"{name} is {amount:.6g}; it must lie between 0 and {AMOUNT_LIMIT:,}.")
