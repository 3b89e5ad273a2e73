"""server.properties of a secured broker: encrypted listeners, and a right for nobody but the superuser."""

from pathlib import Path

from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.broker.security.secured import SUPERUSER

CLIENTS, INTERNAL = "CLIENTS", "INTERNAL"
AUDIENCE = "liveprofile-embedded-broker"
_JAAS = "org.apache.kafka.common.security"
_LISTENER = f"listener.name.{CLIENTS.lower()}"


def security_properties(files: Path, mechanism: Mechanism, issuer: str = "") -> dict[str, str]:
    """For certificates and keys in `files`. The broker and its controller are the superuser, by certificate.

    A certificate's `CN=NAME` is the user NAME, as with the other mechanisms. `issuer` is the address in access tokens.
    """
    clients = _mtls() if mechanism is Mechanism.MTLS else _sasl(files, mechanism, issuer)
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(files / f"{SUPERUSER}.store.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(files / "ca.pem"),
        "ssl.client.auth": "required",
        "ssl.principal.mapping.rules": "RULE:^CN=([^,]+)$/$1/",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{SUPERUSER}",
        **clients,
    }


def protocol(mechanism: Mechanism) -> str:
    """The protocol of the clients' listener."""
    return "SSL" if mechanism is Mechanism.MTLS else "SASL_SSL"


def _mtls() -> dict[str, str]:
    return {f"{_LISTENER}.ssl.client.auth": "required"}


def _sasl(files: Path, mechanism: Mechanism, issuer: str) -> dict[str, str]:
    if mechanism is Mechanism.SCRAM:
        return {
            f"{_LISTENER}.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            f"{_LISTENER}.scram-sha-512.sasl.jaas.config": f"{_JAAS}.scram.ScramLoginModule required;",
        }
    bearer = f"{_LISTENER}.oauthbearer.sasl"
    return {
        f"{_LISTENER}.sasl.enabled.mechanisms": "OAUTHBEARER",
        f"{bearer}.jaas.config": f"{_JAAS}.oauthbearer.OAuthBearerLoginModule required;",
        f"{bearer}.server.callback.handler.class": f"{_JAAS}.oauthbearer.OAuthBearerValidatorCallbackHandler",
        f"{bearer}.oauthbearer.jwks.endpoint.url": keys_url(files),
        f"{bearer}.oauthbearer.expected.audience": AUDIENCE,
        f"{bearer}.oauthbearer.expected.issuer": issuer,
    }


def keys_url(files: Path) -> str:
    """Where the broker reads the issuer's public key (RFC 7517): from a file, so the issuer may start after it."""
    return (files / "issuer.jwks.json").as_uri()


def java_options(files: Path, mechanism: Mechanism) -> list[str]:
    """Kafka 4 reads keys of tokens only from addresses that are allowed on its command line."""
    if mechanism is not Mechanism.OAUTHBEARER:
        return []
    return [f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys_url(files)}"]
