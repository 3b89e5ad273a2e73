"""When a certificate begins and ends, read from its PEM file: Python's `ssl` tells it of the other side's only."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_VERSION, _UTC_TIME = 0xA0, 0x17


@dataclass(frozen=True, slots=True)
class Validity:
    """The life of a certificate, in seconds since 1970."""

    begins_s: float
    ends_s: float

    def used(self, now_s: float) -> float:
        """The share of its life that is over.

        >>> Validity(0.0, 100.0).used(80.0)
        0.8
        """
        return (now_s - self.begins_s) / max(1.0, self.ends_s - self.begins_s)


def validity_of(pem: str) -> Validity | None:
    """That of the first certificate in a text (RFC 5280, section 4.1); None where there is none."""
    first = pem.partition(_BEGIN)[2].partition(_END)
    if not first[1]:
        return None
    try:
        return _validity(ssl.PEM_cert_to_DER_cert(f"{_BEGIN}{first[0]}{_END}"))
    except (ValueError, IndexError):
        return None


def _validity(der: bytes) -> Validity:
    """Certificate, tbsCertificate; in it version (optional), serial number, signature, issuer, validity."""
    (_, certificate), *_ = _fields(der)
    (_, to_be_signed), *_ = _fields(certificate)
    fields = _fields(to_be_signed)
    at = 4 if fields[0][0] == _VERSION else 3
    begins, ends = _fields(fields[at][1])
    return Validity(_time_s(*begins), _time_s(*ends))


def _fields(der: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents of a sequence's elements (X.690, definite lengths)."""
    found, at = [], 0
    while at < len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(der[at : at + count], "big"), at + count
        found.append((tag, der[at : at + size]))
        at += size
    return found


def _time_s(tag: int, content: bytes) -> float:
    """UTCTime has two digits of the year, up to 2049; GeneralizedTime has four."""
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = f"{'19' if text >= '5' else '20'}{text}"
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
