"""Payment card numbers: their first digits, lengths and groups, and Luhn's check digit (ISO/IEC 7812)."""

import re

from liveprofile.streams.contract.personal_data.digit_groups import Sequence, Window
from liveprofile.streams.contract.personal_data.product_numbers import is_trade_number

_PLAIN = bytes(max(0, char - 48) % 10 for char in range(256))
_DOUBLED = bytes(sum(divmod(2 * digit, 10)) for digit in _PLAIN)
_LEAST_DIGITS, _MOST_DIGITS = 13, 19
_ISSUED = re.compile(r"[3-6]|2(?:2[2-9]|[3-6]|7[01]|720)|220[0-4]|8[12]|9792")
"""First digits in use: Visa, Mastercard, Amex, Diners, JCB, Discover, Maestro, UnionPay, Mir, RuPay, Troy."""
SHAPES = frozenset(
    [f"4-4-4-{last}" for last in (1, 2, 3, 4)]
    + [f"4-4-4-4-{last}" for last in (1, 2, 3)]
    + ["4-6-4", "4-6-5", "5-5-5-1", "-".join("2" * 8)]
    + [f"3-3-3-3-{last}" for last in (1, 2, 3, 4)]
    + [f"{one}-{other}" for one in range(1, 17) for other in range(1, 17) if 13 <= one + other <= 19]
    + [f"{a}-{b}-{c}" for a in range(3, 9) for b in range(3, 9) for c in range(3, 9) if 13 <= a + b + c <= 19]
)
"""Groups that cards are written in, in lengths of the groups."""


def is_card_in_groups(sequence: Sequence, window: Window) -> bool:
    """Whether groups of digits are a card's number, whatever separates them.

    A trade item's number is none, though it may pass Luhn's check, and neither are ascending sizes.
    """
    if window.first == window.last:
        return is_card(window.digits) and not is_trade_number(window.digits)
    if window.shape not in SHAPES or not is_card(window.digits):
        return False
    parts = sequence.parts(window)
    return len(parts[0]) > 2 or parts != sorted(parts) or len(set(parts)) == 1


def is_card(digits: str) -> bool:
    """Whether ASCII digits are a card's number: 13 to 19 of them, first digits in use, and Luhn's check.

    >>> is_card("4111111111111111"), is_card("4111111111111112")
    (True, False)
    """
    return _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS and _ISSUED.match(digits) is not None and luhn(digits)


def luhn(digits: str) -> bool:
    """Whether the last digit is Luhn's check digit of the others."""
    raw = digits.encode("ascii")
    return (sum(raw[-1::-2].translate(_PLAIN)) + sum(raw[-2::-2].translate(_DOUBLED))) % 10 == 0
