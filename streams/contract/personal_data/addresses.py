"""Addresses in networks: e-mail in all its spellings, URLs that tell who somebody is, IP and hardware addresses."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from liveprofile.streams.contract.personal_data.findings import ADDRESS, EMAIL, TOKEN, URL, Finding

_AT = r"(?:@|＠|%(?:25)*+40|&#0*+64;|&#x0*+40;|&commat;|\\u0040)"
_LOCAL = r"[\w.+%'’!#$&*/=?^`{|}~-]"
_EMAIL = re.compile(
    rf"(?<!{_LOCAL})(?:\"[^\"@]{{1,64}}\"|(?:(?!{_AT}){_LOCAL})++)\s?{_AT}\s?"
    r"(?:([\w-]++(?:(?:\.|%2[eE]|&period;|\s\.\s?)[\w-]++)++)|\[[0-9A-Fa-f:.]{2,45}\])",
    re.IGNORECASE,
)
_OPEN, _CLOSE = r"\s?[\[({<*_-]{1,2}\s?", r"\s?[\])}>*_-]{1,2}\s?"
_WORD_AT = r"(?:at|ät|arroba|arobase|chiocciola|malpa|а?т|собака)"
_WORD_DOT = r"(?:dot|punkt|punto|point|ponto|punt|kropka|точка)"
_DOT = rf"(?:\.|{_OPEN}(?:{_WORD_DOT}|\.){_CLOSE}|\s{_WORD_DOT}\s)"
_TOP = (
    "com|net|org|edu|gov|info|biz|io|me|tv|eu|co|uk|us|ca|au|nz|ie|de|at|ch|nl|be|lu|fr|es|pt|it|gr|pl|cz|sk|hu|ro|bg|se"
    "|no|dk|fi|ee|lv|lt|ru|ua|tr|il|in|cn|jp|kr|tw|hk|sg|my|id|th|vn|ph|br|mx|ar|cl|co|za|ng|ke|eg|ae|sa|app|dev|shop"
)
_SPELLED = re.compile(
    rf"(?<![\w.+-])[\w+-]{{1,64}}+(?:{_DOT}[\w+-]{{1,64}}+){{0,4}}"
    rf"(?:{_OPEN}(?:{_WORD_AT}|@){_CLOSE}[\w-]{{1,64}}+(?:{_DOT}[\w-]{{2,64}}+){{1,4}}"
    rf"|\s{_WORD_AT}\s[\w-]{{1,64}}+(?:\s{_WORD_DOT}\s[\w-]{{2,64}}+){{0,3}}\s{_WORD_DOT}\s(?:{_TOP})(?![\w-]))",
    re.IGNORECASE,
)
_SPELLED_SIGN = re.compile(rf"[\[({{<*_-]\s?(?:{_WORD_AT}|@)\s?[\])}}>*_-]|\s{_WORD_DOT}\s", re.IGNORECASE)
_URL = re.compile(r"(?<!\w)(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>\"\x03]++", re.IGNORECASE)
_BARE_URL = re.compile(r"(?<![\w@.-])(?:[\w-]++\.)++[a-z]{2,}+(?::\d{1,5})?/[^\s<>\"\x03]*+", re.IGNORECASE)
_TELLING = re.compile(r"[?#@=]|[\w-]{24}|(?<![A-Za-z])\d{6}|%40")
_IPV4 = re.compile(r"(?<![\w.])(?<!v)(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\w]|\.\d)", re.ASCII)
_VERSION = re.compile(r"(?:version|firmware|driver|release|build|v|ver|software|os|windows)[ .:]{0,2}$", re.IGNORECASE)
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::{1,2}[0-9A-Fa-f]{1,4}){2,8}(?:(?:\.\d{1,3}){3})?(?![0-9A-Za-z:])"
)
_MAC = re.compile(r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])")


def find_urls(folded: str) -> Iterator[Finding]:
    """URLs with a query, a user or anything like a token in them, with or without a scheme; a plain one is none.

    >>> [one[f.start:f.end] for one in ["shop.example/reset?token=abc or shop.example/vases"] for f in find_urls(one)]
    ['shop.example/reset?token=abc']
    """
    for pattern in (_URL, _BARE_URL):
        for match in pattern.finditer(folded):
            if _TELLING.search(match[0]):
                yield Finding(*match.span(), URL)


def find_emails(folded: str) -> Iterator[Finding]:
    """E-mail addresses, also percent-encoded and with a number for a domain.

    >>> [folded[f.start:f.end] for folded in ["o'connor%40example.ie, 2.5V@1.5A"] for f in find_emails(folded)]
    ["o'connor%40example.ie"]
    """
    for match in _EMAIL.finditer(folded):
        if match[1] is None or _is_domain(match[1]):
            yield Finding(*match.span(), EMAIL)


def find_spelled_emails(folded: str) -> Iterator[Finding]:
    """E-mail addresses with words or brackets instead of their signs.

    >>> [folded[f.start:f.end] for folded in ["jane.doe[at]example.com"] for f in find_spelled_emails(folded)]
    ['jane.doe[at]example.com']
    """
    if not _SPELLED_SIGN.search(folded):
        return
    for match in _SPELLED.finditer(folded):
        yield Finding(*match.span(), EMAIL)


def _is_domain(name: str) -> bool:
    top = re.split(r"[.;\s]|%2[eE]", name)[-1]
    letters = top.partition("-")[0]
    return (len(letters) >= 2 and letters.isalpha()) or top.lower().startswith("xn--")


def find_ips(folded: str) -> Iterator[Finding]:
    """IP addresses of both versions, and hardware addresses. A version number is none where a word says so.

    >>> [folded[f.start:f.end] for folded in ["2001:db8::8a2e:370:7334, at 10:30, v10.0.0.1"] for f in find_ips(folded)]
    ['2001:db8::8a2e:370:7334']
    """
    if folded.count(".") >= 3:
        yield from _find_ipv4(folded)
    if folded.count(":") < 2 and folded.count("-") < 5:
        return
    for match in _MAC.finditer(folded):
        yield Finding(*match.span(), TOKEN)
    for match in _IPV6.finditer(folded):
        if _is_ipv6(match[0]):
            yield Finding(*match.span(), ADDRESS)


def _find_ipv4(folded: str) -> Iterator[Finding]:
    for match in _IPV4.finditer(folded):
        octets = match[0].partition(":")[0].split(".")
        if all(int(octet) < 256 for octet in octets) and not _VERSION.search(
            folded[max(0, match.start() - 12) : match.start()]
        ):
            yield Finding(*match.span(), ADDRESS)


def _is_ipv6(written: str) -> bool:
    try:
        ip_address(written)
    except ValueError:
        return False
    return "::" in written or written.count(":") == 7
