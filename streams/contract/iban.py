"""Finds international bank account numbers (IBAN, ISO 13616) in a text by country, length and checksum."""

import re

_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 "
    "EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 "
    "KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 "
    "PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 "
    "UA29 VA22 VG24 XK20 YE30 "
)
LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
"""Characters of an IBAN, by country."""

_CANDIDATE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,}+")
_LONGEST = max(LENGTHS.values())


def replace_ibans(text: str, placeholder: str) -> str:
    """The text with every valid IBAN replaced; what follows it, even without a space, stays.

    >>> replace_ibans("to GB82 WEST 1234 5698 7654 32 please", "[iban]")
    'to [iban] please'
    """
    return _CANDIDATE.sub(lambda match: _replaced(match[0], placeholder), text)


def _replaced(candidate: str, placeholder: str) -> str:
    length = LENGTHS.get(candidate[:2].upper(), 0)
    end = _end_of(candidate, length)
    if end is None or not is_iban("".join(filter(str.isalnum, candidate[:end]))):
        return candidate
    return placeholder + candidate[end:]


def _end_of(candidate: str, length: int) -> int | None:
    """Where the first `length` letters and digits end; None if there are fewer."""
    places = [place for place, char in enumerate(candidate[: 2 * _LONGEST]) if char.isalnum()]
    return places[length - 1] + 1 if 0 < length <= len(places) else None


def is_iban(compact: str) -> bool:
    """Whether letters and digits without spaces are an IBAN: the country's length, and 1 modulo 97 (ISO 7064).

    >>> is_iban("DE89370400440532013000"), is_iban("DE89370400440532013001")
    (True, False)
    """
    moved = compact[4:] + compact[:4]
    return len(compact) == LENGTHS.get(compact[:2].upper()) and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1
