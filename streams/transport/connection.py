"""The connection to Kafka: where it is and how clients authenticate; every aiokafka client gets its arguments here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from liveprofile.streams.errors import ExitCode, NoKafkaError
from liveprofile.streams.transport.refusal import KafkaRefusesError, refusal
from liveprofile.streams.transport.renewed_connection import renew_connections
from liveprofile.streams.transport.security.credentials import security_arguments
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.tokens import token_provider

PLAINTEXT = Security()
"""No encryption, no authentication."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A Kafka with the way to connect to it. It names files and holds no secret; as text it is the addresses.

    >>> connection = Connection("kafka-1:9092", Security(security_protocol="SSL", ca_file="/etc/kafka/ca.pem"))
    >>> print(f"No Kafka answers at {connection}.")
    No Kafka answers at kafka-1:9092.
    """

    bootstrap: str
    """Addresses, `host:port[,host:port]`."""
    security: Security = PLAINTEXT

    def __str__(self) -> str:
        return self.bootstrap


Bootstrap: TypeAlias = str | Connection
"""Where Kafka is; addresses alone mean one without encryption and authentication."""


def security_of(bootstrap: Bootstrap) -> Security:
    """How to connect."""
    return bootstrap.security if isinstance(bootstrap, Connection) else PLAINTEXT


def addresses_of(bootstrap: Bootstrap) -> list[tuple[str, int]]:
    """Hosts and ports.

    >>> addresses_of("kafka-1:9092, [::1]:9093")
    [('kafka-1', 9092), ('::1', 9093)]
    """
    parts = [address.strip().rpartition(":") for address in str(bootstrap).split(",")]
    return [(host.strip("[]"), int(port)) for host, _, port in parts]


def client_arguments(bootstrap: Bootstrap) -> dict[str, Any]:
    """Arguments of a new AIOKafkaProducer, AIOKafkaAdminClient or, with `consumer_arguments`, AIOKafkaConsumer.

    Files are read now. UserError if one of them cannot be used. The result holds secrets: it is for the client alone.
    Connections of a client with these arguments renew their authentication while they live.
    """
    security = security_of(bootstrap)
    if security.security_protocol != "PLAINTEXT":
        renew_connections()
    return {"bootstrap_servers": str(bootstrap).split(","), **security_arguments(security)}


def consumer_arguments(bootstrap: Bootstrap) -> dict[str, Any]:
    """`client_arguments` with what only consumers take: the rack."""
    rack = security_of(bootstrap).client_rack
    return client_arguments(bootstrap) | ({"client_rack": rack} if rack else {})


def no_kafka(bootstrap: Bootstrap, next_step: str) -> NoKafkaError:
    """The error for a client that cannot connect. aiokafka does not tell a refusal from silence, so both are named."""
    security = security_of(bootstrap)
    message = f"No Kafka answers at {bootstrap}."
    if security.sasl_mechanism == "OAUTHBEARER" and (failure := token_provider(security).failure):
        kind = KafkaRefusesError if failure.exit_code is ExitCode.USAGE else NoKafkaError
        return kind(f"There is no access token for Kafka at {bootstrap}: {failure.message}", failure.next_step)
    if security.security_protocol == "PLAINTEXT":
        return NoKafkaError(message, next_step)
    if (refused := refusal(str(bootstrap), client_arguments(bootstrap))) is not None:
        return refused
    sasl = f" with {security.sasl_mechanism}" if security.has_sasl else ""
    return NoKafkaError(
        f"No Kafka answers at {bootstrap}, or it refuses {security.security_protocol}{sasl}.",
        "Check the address, then the settings of [kafka]: protocol, mechanism, user, certificates. The log of the "
        "broker says why it refuses a client.",
    )
