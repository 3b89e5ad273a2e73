"""Asks a Kafka that did not take a client why: aiokafka itself does not tell a refusal from silence."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError
from aiokafka.protocol.metadata import MetadataRequest

from liveprofile.streams.errors import ExitCode, NoKafkaError

_WITHIN_S = 5.0
_CONNECTION = ("security_protocol", "ssl_context")


class KafkaRefusesError(NoKafkaError):
    """Kafka answers, and does not take this client: another try brings nothing before a setting is put right."""

    retryable = False
    exit_code = ExitCode.USAGE
    next_step = "Put right the settings of [kafka]."


def refusal(bootstrap: str, arguments: Mapping[str, Any]) -> KafkaRefusesError | None:
    """Why the first broker that answers refuses a client with these arguments; None if none answers, or if it is taken.

    It connects once to each address, in a thread, so it may be called inside an event loop.
    """
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(lambda: asyncio.run(_first(arguments))).result()
    mechanism = arguments.get("sasl_mechanism", "")
    if isinstance(found, ssl.SSLCertVerificationError):
        return KafkaRefusesError(
            f"The certificate of Kafka at {bootstrap} cannot be trusted: {found.verify_message}.",
            "Give its authority in kafka.ca_file, and an address in bootstrap that the certificate is for.",
        )
    if isinstance(found, UnsupportedSaslMechanismError):
        return KafkaRefusesError(
            f"The listener of Kafka at {bootstrap} does not take kafka.sasl_mechanism = {mechanism}.",
            "Set kafka.sasl_mechanism to one that it takes, or bootstrap to the address of another listener.",
        )
    if isinstance(found, SaslAuthenticationFailed):
        who = (
            "kafka.client_id and the token" if mechanism == "OAUTHBEARER" else "kafka.username and kafka.password_file"
        )
        return KafkaRefusesError(
            f"Kafka at {bootstrap} refuses this user: {mechanism} failed.",
            f"Check {who}. If the user was made a moment ago, run it again.",
        )
    return None


async def _first(arguments: Mapping[str, Any]) -> BaseException | None:
    """How the first broker that answers refuses; None if none does."""
    given = {name: value for name, value in arguments.items() if name in _CONNECTION or name.startswith("sasl_")}
    for address in arguments["bootstrap_servers"]:
        host, _, port = address.strip().rpartition(":")
        try:
            connection = await create_conn(
                host.strip("[]"), int(port), request_timeout_ms=round(_WITHIN_S * 1000), **given
            )
            taken = await _is_taken(connection, given)
        except (ssl.SSLCertVerificationError, SaslAuthenticationFailed, UnsupportedSaslMechanismError) as refused:
            return refused
        except (KafkaError, OSError, TimeoutError, ValueError):
            continue
        connection.close()
        return None if taken else SaslAuthenticationFailed()
    return None


async def _is_taken(connection: Any, given: Mapping[str, Any]) -> bool:
    """Whether an access token was taken: Kafka says no in an answer that aiokafka takes for the end of the exchange.

    What is sent next is then no request to the broker, and its answer names no brokers.
    """
    if given.get("sasl_mechanism") != "OAUTHBEARER":
        return True
    try:
        return bool((await connection.send(MetadataRequest([]))).brokers)
    except KafkaError:
        return False
