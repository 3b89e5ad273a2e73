"""The origin of an event: device, network and country, if the record has them."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from liveprofile.profiles.records.activity import country_code

DEVICE_CHARS = 512
"""Two devices must differ in their first so many characters."""
_ADDRESS_CHARS = 64
_LOCALE_CHARS = 35
"""The longest language tag that programs need to take (RFC 5646, section 4.4.1)."""
_REGION = re.compile(r"[a-z]{2,8}(?:[-_][a-z]{4})?[-_]([a-z]{2})(?![a-z0-9])", re.ASCII | re.IGNORECASE)


class Origin(NamedTuple):
    """Device, network and `country_code`; empty or 0 if unknown."""

    device: str
    network: str
    country: int


@lru_cache(maxsize=65_536)
def _origin(device: str | None, ip: str | None, locale: str | None) -> Origin:
    return Origin(device_of(device), network_of(ip), country_of(locale))


def origin_of(device: str | None, ip: str | None, locale: str | None) -> Origin:
    """The origin of a record. Fields that are too long to be valid are cut."""
    return _origin(device and device[:DEVICE_CHARS], ip and ip[:_ADDRESS_CHARS], locale and locale[:_LOCALE_CHARS])


def device_of(device: str | None) -> str:
    """The name of the device; empty if unknown."""
    return device[:DEVICE_CHARS].strip().lower() if device else ""


def network_of(ip: str | None) -> str:
    """The network of an address, in the size that most providers assign: IPv4 /24, IPv6 /48; empty for no address.

    The first address of a list counts, as proxies write it.

    >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::3"), network_of("::ffff:203.0.113.9, 10.0.0.1")
    ('203.0.113.0/24', '2001:db8:1::/48', '203.0.113.0/24')
    >>> network_of("203.0.113.77:51234"), network_of("[2001:db8:1:2::3]:443"), network_of('for="[2001:db8:1::3%eth0]"')
    ('203.0.113.0/24', '2001:db8:1::/48', '2001:db8:1::/48')
    """
    return _network(_address(ip[:_ADDRESS_CHARS].partition(",")[0])) if ip else ""


def _address(written: str) -> str:
    """The address alone: without a port, brackets, a zone, or the name that RFC 7239 writes before it."""
    bare = written.partition(";")[0].strip().removeprefix("for=").strip('" ')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    return bare.partition("%")[0]


def _network(address: str) -> str:
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 48
    return str(ip_network((parsed.packed, bits), strict=False))


def country_of(locale: str | None) -> int:
    """The country of a locale as a `country_code`; 0 if it names none.

    >>> country_of("en-GB") == country_of("zh_Hant_gb.UTF-8") == country_code("GB"), country_of("en")
    (True, 0)
    """
    return _country(locale[:_LOCALE_CHARS]) if locale else 0


def _country(locale: str) -> int:
    region = _REGION.match(locale.strip())
    return country_code(region[1]) if region else 0
