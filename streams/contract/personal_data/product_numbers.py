"""Numbers of products that look like numbers of people: trade item numbers (GTIN, under a bar code) and ISBN."""

import re

ANNOUNCEMENT_CHARS = 16
"""Characters before a number that are searched for a word that announces it."""
_ANNOUNCED = re.compile(
    r"(?<![^\W_])(?:isbn(?:-1[03])?|ean|gtin|upc|sku|asin|mpn|oem|art(?:icle|ikel|\.)?|part|p/?n|model|modell|type|typ|ref)"
    r"[ .:#-]{0,2}(?:no|nr|number|nummer|num|n\u00ba)?[ .:#-]{0,3}$",
    re.IGNORECASE,
)
_ISBN_13 = re.compile(r"97[89]\d{10}")
_LENGTHS = frozenset((11, 12, 13, 14))
"""Digits of a UPC, also without its first zero, an EAN and a GTIN-14. An EAN-8 is too short for anybody's number."""


def is_trade_number(digits: str) -> bool:
    """Whether it is the number of a trade item: its length, a prefix for goods, and the check digit of GS1.

    >>> is_trade_number("4006381333931"), is_trade_number("4006381333932"), is_trade_number("9787302463788")
    (True, False, True)
    """
    if _ISBN_13.fullmatch(digits):
        return True
    if len(digits) not in _LENGTHS or not gs1_check(digits):
        return False
    ean = digits[1:] if len(digits) == 14 else digits
    return not (len(ean) == 13 and ean[0] == "2")  # numbers of a shop's own, of customers' cards, too


def gs1_check(digits: str) -> bool:
    """Whether the last digit is the check digit of GS1: weights 3 and 1 from the right.

    >>> gs1_check("036000291452"), gs1_check("036000291453")
    (True, False)
    """
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[0::2]) + 3 * sum(values[1::2])) % 10 == 0


def is_announced(before: str) -> bool:
    """Whether the text before a number says that it is a product's.

    >>> is_announced("Art.-Nr. "), is_announced("ISBN: "), is_announced("call ")
    (True, True, False)
    """
    return _ANNOUNCED.search(before) is not None
