"""Finds payment card numbers in a text by their shape, their length and Luhn's check digit (ISO/IEC 7812)."""

import re

_SHAPE = re.compile(
    r"(?<!\d)(?:\d{4}[ .-]?\d{4}[ .-]?\d{4}[ .-]?\d{1,4}(?:[ .-]?\d{1,3})?|\d{4}[ .-]\d{6}[ .-]\d{4,5})(?!\d)", re.ASCII
)
_NOT_DIGIT = re.compile(r"\D")
_PLAIN = bytes(max(0, char - 48) % 10 for char in range(256))
_DOUBLED = bytes(sum(divmod(2 * digit, 10)) for digit in _PLAIN)


def replace_cards(text: str, placeholder: str) -> str:
    """The text with every valid card number replaced.

    >>> replace_cards("2 x 4111 1111 1111 1111, or 371449635398431", "[card]")
    '2 x [card], or [card]'
    """
    kept: list[str] = []
    start = place = 0
    while match := _SHAPE.search(text, place):
        if is_card(_NOT_DIGIT.sub("", match[0])):
            kept += [text[start : match.start()], placeholder]
            start = place = match.end()
        else:
            place = match.start() + 1
    return "".join([*kept, text[start:]])


def is_card(digits: str) -> bool:
    """Whether ASCII digits are a card's number: 13 to 19 of them, a first digit in use, and Luhn's check.

    >>> is_card("4111111111111111"), is_card("4111111111111112")
    (True, False)
    """
    return 13 <= len(digits) <= 19 and _issued(digits) and _luhn(digits.encode("ascii"))


def _issued(digits: str) -> bool:
    """Whether the first digits are in use: cards begin with 3 to 6, or with 2221 to 2720. A list of years does not."""
    return digits[0] in "3456" or "2221" <= digits[:4] <= "2720"


def _luhn(digits: bytes) -> bool:
    return (sum(digits[-1::-2].translate(_PLAIN)) + sum(digits[-2::-2].translate(_DOUBLED))) % 10 == 0
