"""Listeners of the embedded broker whose clients authenticate by access tokens or certificates that end soon."""

from pathlib import Path

from liveprofile.streams.transport.security.settings import Security
from support.token_endpoint import Endpoint

_LOGIN = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"


def by_token(longest_session_s: float) -> dict[str, str]:
    """Properties of a broker whose first further listener takes unsigned tokens, and ends sessions with them."""
    own = "listener.name.proxied0"
    return {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,PROXIED0:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        f"{own}.sasl.enabled.mechanisms": "OAUTHBEARER",
        f"{own}.oauthbearer.sasl.jaas.config": _LOGIN,
        f"{own}.oauthbearer.connections.max.reauth.ms": str(round(longest_session_s * 1000)),
    }


def by_password(longest_session_s: float) -> dict[str, str]:
    """Properties of a broker whose first further listener takes passwords (SCRAM), and ends sessions."""
    own = "listener.name.proxied0"
    return {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,PROXIED0:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        f"{own}.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        f"{own}.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        f"{own}.scram-sha-512.connections.max.reauth.ms": str(round(longest_session_s * 1000)),
    }


def by_certificate(folder: Path) -> dict[str, str]:
    """Properties of a broker whose first further listener takes certificates of the authority `ours` of a folder.

    See `certificates`; the folder also has `broker-store.pem`, key and certificate in one file.
    """
    own = "listener.name.proxied0.ssl"
    return {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,PROXIED0:SSL,CONTROLLER:PLAINTEXT",
        f"{own}.keystore.type": "PEM",
        f"{own}.keystore.location": str(folder / "broker-store.pem"),
        f"{own}.truststore.type": "PEM",
        f"{own}.truststore.location": str(folder / "ours.pem"),
        f"{own}.client.auth": "required",
    }


def token_security(endpoint: Endpoint, user: str, secret_file: Path) -> Security:
    """Settings of a client that takes its tokens from an endpoint."""
    return Security(
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="OAUTHBEARER",
        token_url=endpoint.url,
        client_id=user,
        client_secret_file=str(secret_file),
    )


def certificate_security(folder: Path, client: str) -> Security:
    """Settings of a client that has NAME.pem and NAME.key in a folder."""
    return Security(
        security_protocol="SSL",
        ca_file=str(folder / "ours.pem"),
        certificate_file=str(folder / f"{client}.pem"),
        key_file=str(folder / f"{client}.key"),
    )
