"""Settings of [kafka] that do not fit together are refused with the next step; those that fit are taken."""

from typing import Any

import pytest

from liveprofile.streams.errors import UserError
from liveprofile.streams.settings.load import load
from liveprofile.streams.transport.security.checks import require_consistent
from liveprofile.streams.transport.security.settings import Security

SCRAM: dict[str, Any] = {
    "security_protocol": "SASL_SSL",
    "sasl_mechanism": "SCRAM-SHA-512",
    "username": "worker",
    "password_file": "/run/password",
}
OAUTH: dict[str, Any] = {
    "security_protocol": "SASL_SSL",
    "sasl_mechanism": "OAUTHBEARER",
    "token_url": "https://login.example.com/token",
    "client_id": "worker",
    "client_secret_file": "/run/secret",
}
GSSAPI: dict[str, Any] = {"security_protocol": "SASL_SSL", "sasl_mechanism": "GSSAPI"}
MSK: dict[str, Any] = {
    "security_protocol": "SASL_SSL",
    "sasl_mechanism": "OAUTHBEARER",
    "aws_region": "eu-central-1",
}
MTLS: dict[str, Any] = {
    "security_protocol": "SSL",
    "ca_file": "ca.pem",
    "certificate_file": "me.pem",
    "key_file": "me.key",
    "key_password_file": "me.password",
}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"allow_plaintext": True, "client_rack": "eu-1a"},
        {"security_protocol": "SSL"},
        MTLS,
        SCRAM,
        SCRAM | {"sasl_mechanism": "PLAIN", "ca_file": "ca.pem"},
        SCRAM | MTLS | {"security_protocol": "SASL_SSL"},
        OAUTH | {"scope": "kafka"},
        GSSAPI,
        GSSAPI | {"kerberos_service": "brokers", "kerberos_domain": "kafka.example.com"},
        MSK,
        MSK | {"aws_profile": "shop"},
        OAUTH | {"security_protocol": "SASL_PLAINTEXT", "ca_file": "ca.pem"},
        OAUTH | {"token_url": "http://127.0.0.1:8080/token"},
        OAUTH | {"token_url": "http://login.example.com/token", "allow_plaintext": True},
    ],
)
def test_settings_that_fit_are_taken(given: dict[str, Any]) -> None:
    require_consistent(Security(**given))


@pytest.mark.parametrize(
    ("given", "message", "next_step"),
    [
        (SCRAM | {"username": ""}, "SCRAM-SHA-512 needs kafka.username.", "Set kafka.username."),
        (SCRAM | {"password_file": ""}, "SCRAM-SHA-512 needs kafka.password_file.", "from files"),
        ({"security_protocol": "SASL_SSL"}, "SASL_SSL needs kafka.sasl_mechanism", "SCRAM-SHA-512"),
        (SCRAM | {"security_protocol": "SSL"}, "has no effect with kafka.security_protocol = SSL", "to SASL_SSL,"),
        (SCRAM | {"security_protocol": "PLAINTEXT"}, "has no effect", "SASL_SSL, or SASL_PLAINTEXT"),
        (OAUTH | {"token_url": ""}, "OAUTHBEARER needs kafka.token_url.", "Set kafka.token_url."),
        (
            OAUTH | {"client_id": "", "client_secret_file": ""},
            "needs kafka.client_id and kafka.client_secret_file",
            "files",
        ),
        (OAUTH | {"username": "worker"}, "kafka.username has no effect", "PLAIN or SCRAM"),
        (SCRAM | {"scope": "kafka"}, "kafka.scope has no effect", "OAUTHBEARER"),
        ({"username": "worker"}, "kafka.username has no effect with kafka.sasl_mechanism = none", "PLAIN or SCRAM"),
        (OAUTH | {"token_url": "http://login.example.com/token"}, "is not encrypted", "https"),
        (OAUTH | {"token_url": "file:///etc/passwd"}, "is not an address such as https", "scheme"),
        (OAUTH | {"token_url": "https://[broken/token"}, "is not an address such as https", "scheme"),
        (OAUTH | {"token_url": "https://me:hunter2@login.example.com/"}, "is not an address such as", "password"),
        (MTLS | {"key_file": "", "key_password_file": ""}, "kafka.certificate_file needs kafka.key_file", "name it"),
        (MTLS | {"certificate_file": ""}, "kafka.key_file needs kafka.certificate_file", "certificate_file"),
        ({"security_protocol": "SSL", "key_password_file": "p"}, "key_password_file needs kafka.key_file", "key_file"),
        ({"ca_file": "ca.pem"}, "kafka.ca_file has no effect with kafka.security_protocol = PLAINTEXT", "SSL"),
        (MTLS | {"security_protocol": "PLAINTEXT"}, "has no effect", "to SSL"),
        (
            SCRAM | {"sasl_mechanism": "GSSAPI"},
            "kafka.username and kafka.password_file has no effect",
            "PLAIN or SCRAM",
        ),
        (SCRAM | {"kerberos_domain": "kafka.example.com"}, "kafka.kerberos_domain has no effect", "GSSAPI"),
        (SCRAM | {"kerberos_service": "brokers"}, "kafka.kerberos_service has no effect", "GSSAPI"),
        (GSSAPI | {"kerberos_service": ""}, "GSSAPI needs kafka.kerberos_service.", "Set kafka.kerberos_service."),
        (SCRAM | {"aws_region": "eu-central-1"}, "kafka.aws_region has no effect", "OAUTHBEARER"),
        (OAUTH | {"aws_region": "eu-central-1"}, "has no effect with kafka.aws_region", "leave kafka.aws_region out"),
        (MSK | {"scope": "kafka"}, "kafka.scope has no effect with kafka.aws_region", "kafka.token_url"),
        (OAUTH | {"aws_profile": "shop"}, "kafka.aws_profile has no effect", "OAUTHBEARER"),
    ],
)
def test_a_contradiction_is_refused_with_the_next_step(given: dict[str, Any], message: str, next_step: str) -> None:
    with pytest.raises(UserError) as caught:
        require_consistent(Security(**given))
    assert message in caught.value.message and next_step in caught.value.next_step
    assert "hunter2" not in str(caught.value)


def test_the_settings_of_a_process_are_checked_when_they_are_read() -> None:
    given = {f"LIVEPROFILE_KAFKA__{name.upper()}": value for name, value in SCRAM.items()}
    assert load(None, given).settings.kafka == Security(**SCRAM)
    with pytest.raises(UserError, match=r"SCRAM-SHA-512 needs kafka\.username"):
        load(None, given | {"LIVEPROFILE_KAFKA__USERNAME": ""})


def test_an_unknown_mechanism_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="one of none, PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, GSSAPI"):
        load(None, {"LIVEPROFILE_KAFKA__SASL_MECHANISM": "AWS_MSK_IAM"})
