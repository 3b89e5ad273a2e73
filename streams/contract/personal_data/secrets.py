"""Secrets and ids of machines: keys with a known beginning, bearer tokens, UUID, long mixes of letters and digits."""

import re
from collections.abc import Iterator

from liveprofile.streams.contract.personal_data.findings import TOKEN, Finding

_KNOWN = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,}+"
    r"|(?:sk|pk|rk|whsec|price|cus|pi|seti|acct)_(?:live_|test_)?[A-Za-z0-9_]{8,}+"
    r"|sk-(?:[a-z]{3,5}-)?[A-Za-z0-9_-]{16,}+"
    r"|gh[pousr]_[A-Za-z0-9]{16,}+|github_pat_[A-Za-z0-9_]{16,}+|gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{16,}+"
    r"|xox[abeoprs]-[A-Za-z0-9-]{8,}+|xapp-[A-Za-z0-9-]{8,}+"
    r"|AIza[A-Za-z0-9_-]{30,}+|ya29\.[A-Za-z0-9_-]{8,}+|1//[A-Za-z0-9_-]{20,}+"
    r"|npm_[A-Za-z0-9]{16,}+|pypi-[A-Za-z0-9_-]{16,}+|hf_[A-Za-z0-9]{16,}+|dckr_pat_[A-Za-z0-9_-]{8,}+"
    r"|SG\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+|key-[0-9a-f]{16,}+|(?:AC|SK)[0-9a-f]{32}"
    r"|shp(?:at|ca|pa|ss|ua)_[A-Za-z0-9]{8,}+|sq0[a-z]{3}-[A-Za-z0-9_-]{8,}+|EAA[A-Za-z0-9]{20,}+"
    r"|do[opr]_v1_[a-f0-9]{8,}+|ops_eyJ[A-Za-z0-9_-]{8,}+|lin_api_[A-Za-z0-9]{8,}+|eyJ[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+){0,4}"
    r"|-----BEGIN [A-Z ]{1,30}KEY-----"
    r")"
)
_BEARER = re.compile(r"(?<![A-Za-z0-9])(bearer|basic|apikey|token)[ :=]{1,3}([A-Za-z0-9._~+/=-]{8,}+)", re.IGNORECASE)
_NAMED = re.compile(
    r"(?<![A-Za-z])((?:access|refresh|id|auth|api|csrf|xsrf|client|session|secret|private)?[_ -]?"
    r"(?:token|key|secret|session|sid|password|passwort|passwd|pwd|pass|signature|sig|jwt|otp|code)(?:[_ -]?id)?)"
    r"[\"']?(\s?[=:]\s?)[\"']?([^\s\"'&,;<>]{4,}+)",
    re.IGNORECASE,
)
_SURELY = re.compile(
    r"(?:password|passwort|passwd|pwd|secret|api[_ -]?key|(?:access|auth)[_ -]?token|jwt)\Z", re.IGNORECASE
)
"""Names of secrets that count with a colon, too: an Allen key: 10mm is none."""
_UUID = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9A-Za-z])", re.IGNORECASE)
_HEX = re.compile(r"(?<![0-9A-Za-z_-])(?:0x)?[0-9a-f]{16,}+(?![0-9A-Za-z_-])", re.IGNORECASE)
_MIX = re.compile(r"(?<![\w-])[A-Za-z0-9_-]{20,}+(?:={1,2})?")
_LONG_MIX, _FEWEST_DIGITS = 32, 6
_LONGEST_OF_PRODUCT = 13
"""Characters of a part between dashes that no product number has: 0615990EU5 is one."""
_CHANGES = re.compile(r"[a-z][A-Z0-9]|[A-Z][0-9]|[0-9][A-Za-z]")
_MOST_CHANGES_OF_WORDS = 6
"""A word of a product changes between small letters, capitals and digits less often than a key does."""
_SHORTEST_OF_CAPITALS = 24
"""A shorter word of capitals and digits alone is a part number, such as TF10D416G4000HC18JDC01; a ULID has 26."""
_FEWEST_HEX = 4
"""Letters and digits that a number in hexadecimal digits has at least of each."""


def find_known_secrets(folded: str) -> Iterator[Finding]:
    """Keys whose beginning tells whose they are, and what stands behind a word for a secret.

    >>> [one[f.start:f.end] for one in ["AKIAIOSFODNN7EXAMPLE, password: hunter2!"] for f in find_known_secrets(one)]
    ['AKIAIOSFODNN7EXAMPLE', 'hunter2!']
    """
    for match in _KNOWN.finditer(folded):
        yield Finding(*match.span(), TOKEN)
    for match in _BEARER.finditer(folded):
        if match[1].lower() == "bearer" or _is_mixed(match[2]):
            yield Finding(match.start(2), match.end(2), TOKEN)
    for match in _NAMED.finditer(folded):
        if "=" in match[2] or _SURELY.search(match[1]):
            yield Finding(match.start(3), match.end(3), TOKEN)


def _is_mixed(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def find_long_tokens(folded: str) -> Iterator[Finding]:
    """UUIDs, long numbers in hexadecimal digits, and long words that mix letters and digits as no product number does.

    >>> [one[f.start:f.end] for one in ["id 5f2b18e4c3a1d9e7, GSR-12V-35-FC-06019H3004"] for f in find_long_tokens(one)]
    ['5f2b18e4c3a1d9e7']
    """
    for match in _UUID.finditer(folded):
        yield Finding(*match.span(), TOKEN)
    for match in _HEX.finditer(folded):
        digits = sum(map(str.isdigit, match[0]))
        if _FEWEST_HEX <= digits <= len(match[0]) - _FEWEST_HEX:
            yield Finding(*match.span(), TOKEN)
    for match in _MIX.finditer(folded):
        if _is_token(match[0]):
            yield Finding(*match.span(), TOKEN)


def _is_token(word: str) -> bool:
    """Whether a long word is a key, a session or a digest. A slug of words has few digits and few changes."""
    digits = sum(char in "0123456789" for char in word)
    longest = max(map(len, re.split("[-_]", word)))
    if len(word) >= _LONG_MIX and _FEWEST_DIGITS <= digits < len(word) and longest >= _LONGEST_OF_PRODUCT:
        return True
    if len(word) < _SHORTEST_OF_CAPITALS and word.isupper():
        return False
    return "-" not in word and digits > 0 and len(_CHANGES.findall(word)) > _MOST_CHANGES_OF_WORDS
