"""Telephone numbers: with a country code, or as the plans of single countries write them.

Plans decide by first digits and by groups. Without groups only mobile plans count, because product numbers have as many
digits: 0258017617 is a lambda sensor, and a landline of Milan.
"""

import re

from liveprofile.streams.contract.personal_data.area_codes import NORTH_AMERICA
from liveprofile.streams.contract.personal_data.digit_groups import Sequence, Window

_LEAST, _MOST = 8, 15
"""Digits of an international number (ITU E.164)."""
_LEAST_WITH_ZEROS = 12
"""Digits of one with 00 in front that has no groups: 00238180427 is a part."""
_LEAST_TRUNK, _MOST_TRUNK = 9, 12
"""Digits of a national number that begins with 0."""
_TRUNK_SHAPE = re.compile(r"[2-6]-[2-8](?:-[2-5]){0,3}")
"""A prefix with its zero, then at most four groups."""
_BRAZIL = r"(?:1[1-9]|2[12478]|3[1-57-8]|4[1-9]|5[1345]|6[1-9]|7[134579]|8[1-9]|9[1-9])"
"""Area codes of Brazil."""
_PLAIN = re.compile(
    r"0[67]\d{8}|05[0-79]\d{7}"  # mobile: FR, NL, CH, SE, ZA and others; SA, AE, IL
    r"|3(?:[2-4]\d|5[01]|6[0368]|7\d|8[0389]|9[0-37])\d{7}"  # Italy
    r"|[6-9]\d{9}"  # India; Russia without its 8
    r"|5(?:0[15-7]|[345]\d)\d{7}"  # Turkey
    r"|[67]\d{8}"  # Spain
    r"|1[3-9]\d{9}|[78]9\d{9}|[78](?:495|499|812|800)\d{7}"  # China; Russia
    rf"|{_BRAZIL}9[1-9]\d{{7}}"
    r"|07[3-5789]\d{8}|01[5-7]\d{8,9}|0[789]0\d{8}|01[016-9]\d{8}|05(?:0[15-7]|[345]\d)\d{7}"  # GB, DE, JP, KR, TR
    r"|09\d{9}|03[0-4]\d{8}"  # PH, PK
)
"""Numbers without groups: mobile plans alone, as landlines have the digits of product numbers."""
_ZEROS = "000"
_FILLED = "0000"
"""Product numbers are filled up with zeros, telephone numbers seldom have so many; without groups three count."""
_GROUPED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (shape, re.compile(digits))
    for shapes, digits in (
        ("3-4-4 3-8 3-3-5", r"1[3-9]\d{9}"),  # China
        ("5-5 4-3-3 3-3-4 4-6 3-7 2-4-4", r"[6-9]\d{9}"),  # India
        ("1-5-5 1-3-3-4", r"0[6-9]\d{9}"),
        ("2-5-4 2-1-4-4 2-9 2-4-5", rf"{_BRAZIL}9\d{{8}}"),
        ("5-4", r"9\d{8}"),
        ("2-4-4", r"[1-9]\d{9}"),  # Brazil, Mexico, Argentina
        ("1-3-3-2-2 1-3-3-4 1-3-7 1-3-5-2 1-4-2-2-2 1-5-5 1-10", r"[78][3489]\d{9}"),  # Russia, Kazakhstan
        ("3-3-2-2 3-3-4 3-7", r"9\d{9}"),
        ("3-3-3 3-2-2-2 2-3-2-2 3-6", r"[5-9]\d{8}"),  # Spain, Portugal, Poland
        ("3-3-3", r"2[1-9]\d{7}"),  # Portugal
        ("3-3-4 3-7 3-4-3 3-2-2-3 3-2-3-2", r"3\d{9}"),  # Italy, Colombia
        ("3-3-2-2 3-3-4 3-7", r"5[03-6]\d{8}"),  # Turkey
        ("1-4-4", r"9\d{8}"),  # Chile
        ("3-2-3", r"[49]\d{7}"),  # Norway
    )
    for shape in shapes.split()
)
_BY_SHAPE: dict[str, list[re.Pattern[str]]] = {}
for _shape, _digits in _GROUPED:
    _BY_SHAPE.setdefault(_shape, []).append(_digits)
_UNIFORM = frozenset(("3-3-3", "3-2-2-2", "2-3-2-2", "3-6", "3-2-3", "1-4-4", "5-4", "2-4-4"))
"""Groups in which sizes come, too: here the separators must be alike."""
_OF_THREES = "3-3-3"
"""Groups before which no other stands: 0 258 017 617 is a part."""
_NORTH_AMERICAN = frozenset(("3-3-4", "3-7", "10"))
_WITH_ONE = frozenset(("1-3-3-4", "1-3-7", "1-10"))
_ABROAD = {
    code: re.compile(number)
    for code, number in (
        ("1", r"[2-9]\d\d[2-9]\d{6}"),
        ("7", r"[3489]\d{9}"),
        ("20", r"1[0125]\d{8}"),
        ("27", r"[6-8]\d{8}"),
        ("31", r"6\d{8}"),
        ("32", r"4\d{8}"),
        ("33", r"[1-79]\d{8}"),
        ("34", r"[6-9]\d{8}"),
        ("39", r"3\d{8,9}|0\d{8,10}"),
        ("40", r"7\d{8}"),
        ("41", r"[2-9]\d{8}"),
        ("43", r"6\d{8,10}"),
        ("44", r"[127]\d{9}"),
        ("45", r"[2-9]\d{7}"),
        ("46", r"7\d{8}"),
        ("47", r"[49]\d{7}"),
        ("48", r"[4-8]\d{8}"),
        ("49", r"1[5-7]\d{8,9}|[2-9]\d{8,10}"),
        ("52", r"1?[2-9]\d{9}"),
        ("54", r"9?[1-9]\d{9}"),
        ("55", rf"{_BRAZIL}9?\d{{8}}"),
        ("56", r"9\d{8}"),
        ("57", r"3\d{9}"),
        ("60", r"1\d{8,9}"),
        ("61", r"[2-478]\d{8}"),
        ("62", r"8\d{8,10}"),
        ("63", r"9\d{9}"),
        ("65", r"[89]\d{7}"),
        ("66", r"[689]\d{8}"),
        ("81", r"[1-9]\d{8,9}"),
        ("82", r"1\d{8,9}"),
        ("84", r"[35789]\d{8}"),
        ("86", r"1[3-9]\d{9}"),
        ("90", r"5\d{9}"),
        ("91", r"[6-9]\d{9}"),
        ("92", r"3\d{9}"),
        ("234", r"[789]\d{9}"),
        ("351", r"[29]\d{8}"),
        ("353", r"8\d{8}"),
        ("358", r"[45]\d{7,8}"),
        ("380", r"[3-9]\d{8}"),
        ("420", r"[67]\d{8}"),
        ("852", r"[569]\d{7}"),
        ("880", r"1\d{9}"),
        ("886", r"9\d{8}"),
        ("966", r"5\d{8}"),
        ("971", r"5\d{8}"),
        ("972", r"5\d{8}"),
    )
}
"""Numbers by the country code before them, which stands in a group of its own, or without any group."""
_PLAIN_ABROAD = re.compile("|".join(f"{code}(?:{number.pattern})" for code, number in _ABROAD.items() if code != "1"))
_LEAST_PLAIN_ABROAD = 11


SHAPES = frozenset(_BY_SHAPE) | _NORTH_AMERICAN | _WITH_ONE
"""Groups that plans without a zero in front are written in."""


def is_country_code(digits: str) -> bool:
    """Whether a group of digits is a country code that mobile numbers are known for."""
    return digits in _ABROAD


def is_phone(sequence: Sequence, window: Window) -> bool:
    """Whether a run of groups is a telephone number."""
    if _is_international(sequence, window):
        return True
    if window.first == window.last:
        return is_plain_phone(window.digits) and sequence.opens(window.first) and sequence.closes(window.last)
    parts = sequence.parts(window)
    if not _is_trunk(window.shape, window.digits, parts) and (
        _FILLED in window.digits or not _is_national(window, parts)
    ):
        return False
    if sequence.is_list(window) or not sequence.is_usual(window):
        return False
    if window.shape in _UNIFORM and len({one for one in sequence.separators(window) if ")" not in one}) > 1:
        return False
    if window.shape == _OF_THREES and window.first and sequence.separator(window.first) == " ":
        return False
    return sequence.opens(window.first) and sequence.closes(window.last)


def _is_national(window: Window, parts: list[str]) -> bool:
    """Whether digits and groups are those of a country's plan without a zero, or of a number behind a country code."""
    shape, digits = window.shape, window.digits
    abroad = _ABROAD.get(parts[0])
    return (
        any(plan.fullmatch(digits) for plan in _BY_SHAPE.get(shape, ()))
        or (shape in _NORTH_AMERICAN and _is_north_american(digits))
        or (shape in _WITH_ONE and digits[0] == "1" and _is_north_american(digits[1:]))
        or (abroad is not None and abroad.fullmatch(digits[len(parts[0]) :]) is not None)
    )


def is_plain_phone(digits: str) -> bool:
    """Whether digits without separators are a mobile number, or one of North America.

    >>> is_plain_phone("9876543210"), is_plain_phone("4155552671"), is_plain_phone("0258017617")
    (True, True, False)
    """
    if _ZEROS in digits:
        return False
    return (
        _PLAIN.fullmatch(digits) is not None
        or (len(digits) == 10 and _is_north_american(digits))
        or (len(digits) == 11 and digits[0] == "1" and _is_north_american(digits[1:]))
        or (len(digits) >= _LEAST_PLAIN_ABROAD and _PLAIN_ABROAD.fullmatch(digits) is not None)
    )


def _is_international(sequence: Sequence, window: Window) -> bool:
    """Whether a plus, or 00 and a country code, stands before as many digits as a number has."""
    digits = window.digits
    if sequence.separator(window.first).rstrip(" (\x01").endswith("+"):
        return _LEAST <= len(digits) <= _MOST and digits[0] != "0" and sequence.is_usual(window)
    if not digits.startswith("00") or digits[2] == "0" or not sequence.opens(window.first):
        return False
    if not sequence.is_usual(window):
        return False
    grouped = window.last > window.first and len(sequence.groups[window.first].digits) > 1
    return len(digits) >= (_LEAST_WITH_ZEROS - grouped) and not sequence.is_list(window)


def _is_trunk(shape: str, digits: str, parts: list[str]) -> bool:
    """Whether it is a national number with its zero, in groups."""
    if digits[0] != "0" or digits[1] == "0" or not _LEAST_TRUNK <= len(digits) <= _MOST_TRUNK:
        return False
    if len(parts[-1]) == 2 and len(parts[-2]) > 3:  # 010-01769-01 is a product
        return False
    return _TRUNK_SHAPE.fullmatch(shape) is not None and (len(digits) >= 10 or len(parts) > 2)


def _is_north_american(digits: str) -> bool:
    """Whether ten digits are a number of the North American plan: an area code in use, and an exchange from 200 on."""
    return digits[:3] in NORTH_AMERICA and digits[3] in "23456789" and digits[4:6] != "11"
