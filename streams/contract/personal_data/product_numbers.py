"""Numbers of products that look like numbers of people: trade item numbers (GTIN, under a bar code) and ISBN."""

import re

ANNOUNCEMENT_CHARS = 16
"""Characters before a number that are searched for a word that announces it."""
_ANNOUNCED = re.compile(
    r"(?<![^\W_])(?:isbn(?:-1[03])?|ean|gtin|upc|sku|asin|mpn|oem|art(?:icle|ikel|\.)?|part|p/?n|model|modell|type|typ|ref)"
    r"[ .:#-]{0,2}(?:no|nr|number|nummer|num|n\u00ba)?[ .:#-]{0,3}$",
    re.IGNORECASE,
)
_MAKER = re.compile(r"(?:[A-Z][A-Za-z&'.-]{0,30}+ ){1,3}")
"""One to three names with a capital, with which the title of a product begins."""
MAKER_CHARS = 48
TITLE_CHARS = 200
"""Characters behind a number that are searched for the rest of a title."""
_MEASURE = re.compile(
    r"\d(?:[\"\u2033]|[ -]?(?:in(?:ch(?:es)?)?|mm|cm|ft|oz|ounces?|lbs?|ml|kg|g|volts?|v|watts?|w|amps?|pk|pack)"
    r"(?![A-Za-z]))",
    re.IGNORECASE,
)
_FEWEST_WORDS = 6
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


def is_in_title(before: str, after: str) -> bool:
    """Whether a number stands where titles have the maker's: behind names at the beginning, before words and a measure.

    `before` is the text from its beginning on, `after` the next `TITLE_CHARS` of it. People write neither into a
    search, and a number that words announce as a telephone's was found before.

    >>> is_in_title("Anvil ", ', Malleable Iron Pipe Fitting, Floor Flange, 3/4" NPT Female')
    True
    >>> is_in_title("call ", ", Malleable Iron Pipe Fitting, Floor Flange, 3 mm"), is_in_title("Anvil ", " pipe 3 mm")
    (False, False)
    """
    if len(before) > MAKER_CHARS or not _MAKER.fullmatch(before):
        return False
    return len(after.split()) >= _FEWEST_WORDS and _MEASURE.search(after) is not None
