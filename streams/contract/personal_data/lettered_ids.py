"""National identity numbers with letters in them: by their form, and their checksum where they have one."""

import re
from collections.abc import Callable, Iterator

from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.es import nif
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.ie import pps
from stdnum.it import codicefiscale
from stdnum.mx import curp, rfc
from stdnum.pt import cc
from stdnum.ve import rif

from liveprofile.streams.contract.personal_data.findings import NUMBER, Finding

_NINO_UNUSED = frozenset(("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"))
_RVNR_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
_NRIC_LETTERS = {"S": (0, "JZIHGFEDCBA"), "T": (4, "JZIHGFEDCBA"), "F": (0, "XWUTRQPNMLK"), "G": (4, "XWUTRQPNMLK")}
_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def is_nino(number: str) -> bool:
    """Whether it is a national insurance number of the United Kingdom; it has no checksum.

    >>> is_nino("AB123456C"), is_nino("GB123456C")
    (True, False)
    """
    return number[:2] not in _NINO_UNUSED


def is_rvnr(number: str) -> bool:
    """Whether it is an insurance number of the German pension fund.

    >>> is_rvnr("65170839J003"), is_rvnr("65170839J004")
    (True, False)
    """
    digits = f"{number[:8]}{ord(number[8]) - 64:02d}{number[9:]}"
    sums = (sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, _RVNR_WEIGHTS, strict=False))
    return sum(sums) % 10 == int(number[-1])


def is_singapore(number: str) -> bool:
    """Whether it is an identity number of Singapore.

    >>> is_singapore("S1234567D"), is_singapore("S1234567E")
    (True, False)
    """
    start, letters = _NRIC_LETTERS[number[0]]
    total = sum(int(digit) * weight for digit, weight in zip(number[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    return letters[(start + total) % 11] == number[8]


def is_taiwanese(number: str) -> bool:
    """Whether it is an identity number of Taiwan.

    >>> is_taiwanese("A123456789"), is_taiwanese("A123456788")
    (True, False)
    """
    tens, ones = divmod(_TAIWAN.index(number[0]) + 10, 10)
    weights = (8, 7, 6, 5, 4, 3, 2, 1, 1)
    return (tens + 9 * ones + sum(int(d) * w for d, w in zip(number[1:], weights, strict=True))) % 10 == 0


def is_hong_kong(number: str) -> bool:
    """Whether it is an identity number of Hong Kong.

    >>> is_hong_kong("A1234563"), is_hong_kong("A1234564")
    (True, False)
    """
    values = [36] * (9 - len(number)) + [int(char, 36) for char in number[:-1]]
    check = 10 if number[-1] == "A" else int(number[-1])
    return (sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) + check) % 11 == 0


_S = r"[ .\-/_]?"
_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d{6} ?|([ .-])\d\d\1\d\d\1\d\d\1)[A-D]", is_nino),
    (rf"(?:[XYZ]{_S}\d{{7}}|\d{{8}}|\d\d\.\d{{3}}\.\d{{3}}){_S}[A-Z]", nif.is_valid),
    (
        rf"(?:[A-Z]{{3}}{_S}){{2}}[0-9L-V]{{2}}[A-EHLMPRST][0-9L-V]{{2}}{_S}[A-Z][0-9L-V]{{3}}[A-Z]",
        codicefiscale.is_valid,
    ),
    (r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]", hetu.is_valid),
    (r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", curp.is_valid),
    (r"[A-Z]{4}-?\d{6}-?[A-Z0-9]{3}", rfc.is_valid),
    (r"[A-Z]{3}P[A-Z]\d{4}[A-Z]", lambda number: True),
    (r"\d{7}[A-W][ABWTX]?", pps.is_valid),
    (r"[STFG]\d{7}[A-Z]", is_singapore),
    (r"[A-Z][12]\d{8}", is_taiwanese),
    (r"[A-Z]{1,2}\d{6} ?\([0-9A]\)", is_hong_kong),
    (rf"\d{{8}}{_S}\d{_S}[A-Z][A-Z0-9]\d", cc.is_valid),
    (rf"\d{{6}}{_S}\d{{8}}{_S}\d{{3}}X", ric.is_valid),
    (r"(?:\d{1,2}\.\d{3}\.\d{3}|\d{7,8})-[0-9K]", rut.is_valid),
    (rf"[12]{_S}\d\d{_S}\d\d{_S}2[AB]{_S}\d{{3}}{_S}\d{{3}}{_S}\d\d", nir.is_valid),
    (rf"\d\d{_S}\d{{6}}{_S}[A-Z]{_S}\d{{3}}", is_rvnr),
    (r"[VE]-?\d{8}-?\d", rif.is_valid),
)
"""Forms in capitals, each with its check. They overlap, so each is looked for by itself."""
_PATTERNS = [
    (re.compile(rf"(?<![A-Za-z0-9_])(?<![A-Za-z0-9][-/.]){form}(?![A-Za-z0-9_])(?!-[A-Za-z0-9])", re.IGNORECASE), check)
    for form, check in _KINDS
]
_GATE = re.compile(
    r"[0-9](?:[0-9]{5}|[0-9][ .\-/_][0-9]{2}[ .\-/_](?:[0-9]{2}|2[ABab])|[0-9][A-Za-z][0-9]{2}|\.[0-9]{3}\.[0-9]{3})"
    r"|P[A-Z][0-9]{4}[A-Z]"
)
"""Digits as they stand in at least one of the forms: one look at most texts instead of many."""
_NOT_ALNUM = re.compile(r"[^0-9A-Za-z]")


def find_lettered_ids(folded: str) -> Iterator[Finding]:
    """All identity numbers with letters; they may overlap.

    >>> [folded[f.start:f.end] for folded in ["NINO AB 12 34 56 C, size 12345678A"] for f in find_lettered_ids(folded)]
    ['AB 12 34 56 C']
    """
    if not _GATE.search(folded):
        return
    for pattern, check in _PATTERNS:
        for match in pattern.finditer(folded):
            if check(_NOT_ALNUM.sub("", match[0]).upper() if check is not hetu.is_valid else match[0].upper()):
                yield Finding(*match.span(), NUMBER)
