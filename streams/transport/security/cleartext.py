"""Refuses a Kafka on another machine without encryption, in words that say what anybody on the way could read."""

from ipaddress import ip_address

from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.security.settings import Security

_OF_MECHANISM = {
    "PLAIN": ["the password"],
    "SCRAM-SHA-256": ["an exchange from which a weak password can be guessed"],
    "SCRAM-SHA-512": ["an exchange from which a weak password can be guessed"],
    "OAUTHBEARER": ["the access token, with which others can log in"],
    "GSSAPI": ["a Kerberos ticket for the broker"],
}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone; nothing is looked up.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.53", "::1", "10.0.0.1", "localhost.example.com")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_of(address: str) -> str:
    """The host of `HOST:PORT`, without the brackets of an IPv6 address.

    >>> host_of("kafka-1:9092"), host_of("[::1]:9092"), host_of("localhost")
    ('kafka-1', '::1', 'localhost')
    """
    host, _, port = address.strip().rpartition(":")
    return (host if host and port.isdigit() else address.strip()).strip("[]")


def refuse_cleartext(bootstrap: str, security: Security) -> None:
    """UserError if records would leave this machine without encryption, and the settings do not allow it."""
    if security.is_encrypted or security.allow_plaintext:
        return
    away = [address.strip() for address in bootstrap.split(",") if not is_loopback(host_of(address))]
    if away:
        *first, last = (
            "events with their titles and searches",
            "profiles",
            *_OF_MECHANISM.get(security.sasl_mechanism, []),
        )
        raise UserError(
            f"kafka.security_protocol = {security.security_protocol} does not encrypt the connection to "
            f"{', '.join(away)}: anybody on the network between can read {', '.join(first)} and {last}.",
            f"Use a listener with TLS: kafka.security_protocol = {'SASL_SSL' if security.has_sasl else 'SSL'}. If the "
            "network is trusted, allow it: kafka.allow_plaintext = true (LIVEPROFILE_KAFKA__ALLOW_PLAINTEXT=true).",
        )
