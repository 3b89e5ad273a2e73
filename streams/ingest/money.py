"""Amounts as integers in a currency's minor unit (cents), and the currencies of ISO 4217."""

from functools import lru_cache

from streams.ingest.reasons import Reason, RefusedError

AMOUNT_LIMIT = 1_000_000_000
"""The largest price or total, in the currency's main unit."""
MINOR_LIMIT = 10**15
"""The largest amount in minor units: every integer below it is exact in a float64, sums of them included."""

_WITHOUT_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_HUNDREDTHS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR "
    "IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD "
    "NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG ZWL"
)

MINOR_UNITS = (
    dict.fromkeys(_HUNDREDTHS.split(), 100)
    | dict.fromkeys(_WITHOUT_MINOR.split(), 1)
    | dict.fromkeys(_THOUSANDTHS.split(), 1000)
)
"""How many minor units make one main unit, by currency code."""


@lru_cache(maxsize=1024)
def minor_units(currency: str | None) -> int:
    """Minor units in one main unit; 100 where no currency is given. RefusedError on an unknown code.

    >>> minor_units("eur"), minor_units("JPY"), minor_units(None)
    (100, 1, 100)
    """
    code = currency.strip().upper() if currency else ""
    if not code:
        return 100
    if code not in MINOR_UNITS:
        raise RefusedError(Reason.UNKNOWN_CURRENCY)
    return MINOR_UNITS[code]


def to_minor(amount: float | None, units: int, name: str) -> int:
    """An amount in minor units, 0 if not given. RefusedError outside 0 to AMOUNT_LIMIT; NaN is outside, too.

    >>> to_minor(12.5, 100, "price")
    1250
    """
    if amount is None:
        return 0
    if 0 <= amount <= AMOUNT_LIMIT:
        return round(amount * units)
    raise RefusedError(Reason.OUT_OF_RANGE, f"{name} is {amount:.6g}; it must lie between 0 and {AMOUNT_LIMIT:,}.")
