"""International bank account numbers (IBAN, ISO 13616): by country, length and checksum, or by their usual groups."""

import re
from collections.abc import Iterator

from liveprofile.streams.contract.personal_data.findings import IBAN, Finding

_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 "
    "EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 "
    "KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 "
    "PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 "
    "UA29 VA22 VG24 XK20 YE30 "
)
LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
"""Characters of an IBAN, by country."""

_CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z]{2}[^0-9A-Za-z\x03]?[0-9]{2})"
    r"[A-Za-z0-9](?:[^0-9A-Za-z\x03]{0,3}+[A-Za-z0-9]){14,32}"
)
_ALNUM = re.compile(r"[A-Za-z0-9]+")
_PRINTED = 4
"""Characters of a group as ISO 13616 prints them."""


def find_ibans(folded: str) -> Iterator[Finding]:
    """All IBANs; what follows one, even without a space, stays.

    >>> [folded[f.start:f.end] for folded in ["to GB82 WEST 1234 5698 7654 32 please"] for f in find_ibans(folded)]
    ['GB82 WEST 1234 5698 7654 32']
    """
    place = 0
    while match := _CANDIDATE.search(folded, place):
        end = _end(match[0])
        if end:
            yield Finding(match.start(), match.start() + end, IBAN)
        place = match.start() + (end or 1)


def _end(candidate: str) -> int:
    """Where the IBAN ends that the candidate begins with; 0 if it begins with none."""
    compact = "".join(_ALNUM.findall(candidate))
    length = LENGTHS.get(compact[:2].upper(), 0)
    if not 0 < length <= len(compact):
        return 0
    left, end, groups = length, 0, []
    for group in _ALNUM.finditer(candidate):
        taken = min(left, len(group[0]))
        left, end = left - taken, group.start() + taken
        groups.append(taken)
        if not left:
            break
    printed = len(groups) > 1 and all(size == _PRINTED for size in groups[:-1])
    return end if is_iban(compact[:length]) or (printed and compact[2:4].isdigit()) else 0


def is_iban(compact: str) -> bool:
    """Whether letters and digits without spaces are an IBAN: the country's length, and 1 modulo 97 (ISO 7064).

    >>> is_iban("DE89370400440532013000"), is_iban("DE89370400440532013001")
    (True, False)
    """
    moved = compact[4:] + compact[:4]
    return len(compact) == LENGTHS.get(compact[:2].upper()) and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1
