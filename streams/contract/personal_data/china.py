"""What people in China give away in texts: chat handles, street addresses, and numbers that a word announces.

Mobile numbers, resident identity numbers and bank cards without a word are found by their form (`phones`,
`national_ids`, `cards`). Every pattern here has bounded repetitions and begins at a fixed word, so time is linear.
Names of people are not found: no rule tells one from a brand.
"""

import re
from collections.abc import Iterator

from liveprofile.streams.contract.personal_data.findings import CARD, HANDLE, NUMBER, STREET, Finding
from liveprofile.streams.contract.personal_data.folding import with_words

_CHAT = "微信|薇信|威信|徽信|v信|卫星号|vx|wx|weixin|wechat|扣扣|qq"
_HINTS = re.compile(f"{_CHAT}|[路街道巷弄村区园苑里]\\s?[0-9\uff10-\uff19]|身份证|护照|通行证|卡号|银行卡")
_LATIN_HINTS = ("vx", "wx", "qq", "weixin", "wechat")
_HANDLE = re.compile(
    rf"(?:(?<![A-Za-z0-9])(?:{_CHAT}))(?:号码|号|账号|id)?[ :\uff1a是]{{0,3}}"
    r"(?:(wxid_[A-Za-z0-9]{4,20})|([A-Za-z](?=[A-Za-z_-]{0,18}[0-9_])[A-Za-z0-9_-]{5,19}))(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
"""WeChat's handles: 6 to 20 letters, digits, _ and - from a letter on; here with a digit or _, which no word has."""
_QQ = re.compile(
    r"(?:(?<![A-Za-z0-9])qq|扣扣)(?:号码|号|群)?[ :\uff1a是]{0,3}([1-9][0-9]{5,10})(?![0-9A-Za-z])", re.IGNORECASE
)
_PAPERS = re.compile(
    r"(?:身份证|护照|军官证|通行证|台胞证|社保卡?)(?:号码|号)?[ :\uff1a是]{0,3}"
    r"([A-Za-z]{0,2}[0-9](?:[ -]?[0-9]){5,17}[Xx]?)(?![0-9A-Za-z])"
)
_BANK = re.compile(
    r"(?:银行卡|储蓄卡|信用卡|卡号)(?:号码|号)?[ :\uff1a是]{0,3}([3-69][0-9]{3}(?:[ -]?[0-9]){11,15})(?![0-9])"
)
_ROADS = "路|街|大道|巷|胡同|弄|村|小区|花园|苑|里"
_HOUSES = "号院|号楼|号|弄|栋|幢|座|单元|室"
_DOOR = re.compile(rf"[\u4e00-\u9fff]{{1,3}}(?:{_ROADS}) ?[0-9]{{1,5}}(?:-[0-9]{{1,4}})? ?(?:{_HOUSES})")
"""A street or an estate, and a number of a house in it."""
_FURTHER = re.compile(
    rf"(?:[ ,\uff0c]?[0-9A-Za-z一二三四五六七八九十]{{1,5}}(?:{_HOUSES}|楼|层|户)){{0,6}}(?:-?[0-9]{{2,5}}(?![0-9]))?"
)
"""Building, floor and room."""
_PLACED = re.compile(r"[\u4e00-\u9fff](?:省|市|区|县|镇|乡|旗|街道)|地址|寄到|寄往|寄给|送到|送货|住址|家住|住在|收货")
"""What stands before a street in an address: its district or town, or a word for delivery."""
_UNBROKEN = re.compile(r"[\u4e00-\u9fff0-9]{0,30}$")
_BEFORE_CHARS = 30


def is_hinted(lower: str) -> bool:
    """Whether a text in small letters may have something for this module; most have not."""
    if lower.isascii():
        return any(hint in lower for hint in _LATIN_HINTS)
    return _HINTS.search(lower) is not None


def find_chinese(text: str, folded: str) -> Iterator[Finding]:
    """Handles behind their words, addresses with street and number, and announced papers and cards.

    >>> for one in ("加微信abc_12345", "寄到杭州市西湖区文三路138号2单元501室", "小米手机13号店", "微信红包封面"):
    ...     print([one[found.start : found.end] for found in find_chinese(one, one)])
    ['abc_12345']
    ['寄到杭州市西湖区文三路138号2单元501室']
    []
    []
    """
    written = with_words(text, folded)
    for pattern, placeholder in ((_HANDLE, HANDLE), (_QQ, HANDLE), (_PAPERS, NUMBER), (_BANK, CARD)):
        for match in pattern.finditer(written):
            group = match.lastindex or 1
            yield Finding(match.start(group), match.end(group), placeholder)
    yield from _addresses(written)


def _addresses(written: str) -> Iterator[Finding]:
    """From the first character of the address's unbroken text to its last number."""
    end = 0
    for door in _DOOR.finditer(written):
        if door.start() < end:
            continue
        since = max(end, door.start() - _BEFORE_CHARS)
        before = _UNBROKEN.search(written[since : door.start()])
        start = since + before.start() if before else door.start()
        if not _PLACED.search(written[start : door.end()]) and not _PLACED.search(written[since:start]):
            continue
        further = _FURTHER.match(written, door.end())
        end = further.end() if further else door.end()
        yield Finding(start, end, STREET)
