"""Folds a text for matching, character by character: digits of all scripts, dashes and spaces become ASCII.

A folded text is as long as the text, so a place in one is the place in the other.
"""

import unicodedata

MARK = "\x01"
"""Instead of combining marks and invisible characters, such as the key around the digit of a keycap emoji."""
UNSPACED = "\x02"
"""Instead of letters of scripts without spaces between words: they join nothing."""
TAKEN = "\x03"
"""Instead of what an earlier detector has found."""

_DASHES = frozenset("\u2212\u02d7\u2043\u30fc\uff70\u00ad")
"""Characters that look like a dash and are none by category."""
_DOTS = frozenset("\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\u3002\uff0e\uff61\u06d4\u066b\u066c")
_SLASHES = frozenset("\u2044\u2215\u29f8\uff0f")
_UNSPACED_SCRIPTS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7AF),  # Hangul: particles follow without a space
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


class _Folding(dict[int, str]):
    """A table for `str.translate` that fills itself."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code), code)
        return folded


def _folded(char: str, code: int) -> str:
    if code < 0x80:
        return char
    if char in _DASHES:
        return "-"
    if char in _DOTS:
        return "."
    if char in _SLASHES:
        return "/"
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Pd":
        return "-"
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if category in ("Mn", "Me", "Cf", "Mc"):
        return MARK
    return UNSPACED if any(first <= code <= last for first, last in _UNSPACED_SCRIPTS) else char


_FOLDED_SIGNS = frozenset("0123456789-./ " + TAKEN)
_FOLDING = _Folding()


def fold(text: str) -> str:
    """The folded text, of the same length.

    >>> fold("٤٤–２０"), fold("手机138")
    ('44-20', '\\x02\\x02138')
    """
    return text if text.isascii() else text.translate(_FOLDING)


def with_words(text: str, folded: str) -> str:
    """The text with the digits, dashes and spaces of the folded one: for patterns that have words of any script.

    >>> with_words("тел ٤٤", fold("тел ٤٤"))
    'тел 44'
    """
    if text.isascii():
        return folded
    return "".join([new if new in _FOLDED_SIGNS else old for old, new in zip(text, folded, strict=True)])
