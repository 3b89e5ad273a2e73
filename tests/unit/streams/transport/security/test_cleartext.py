"""Clear text leaves this machine only where a setting allows it, and the refusal says what others could read."""

import pytest

from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.security.cleartext import refuse_cleartext
from liveprofile.streams.transport.security.settings import Security

OPEN = Security()
AWAY = "kafka-1:9092"


def refusal(bootstrap: str, security: Security) -> UserError:
    with pytest.raises(UserError) as caught:
        refuse_cleartext(bootstrap, security)
    return caught.value


@pytest.mark.parametrize("here", ["127.0.0.1:9092", "127.8.9.10:1", "localhost:9092", "LOCALHOST:1", "[::1]:9092"])
def test_this_machine_needs_no_encryption(here: str) -> None:
    refuse_cleartext(here, OPEN)


@pytest.mark.parametrize(
    "away",
    ["kafka:9092", "10.0.0.1:9092", "0.0.0.0:9092", "[fe80::1]:9092", "128.0.0.1:1", "localhost.example.com:1"],
)
def test_another_machine_is_refused_with_what_others_could_read_and_the_next_step(away: str) -> None:
    told = refusal(away, OPEN)
    assert away in told.message and "events with their titles and searches and profiles" in told.message
    assert "kafka.security_protocol = SSL" in told.next_step and "kafka.allow_plaintext = true" in told.next_step


def test_one_address_of_several_is_enough_and_is_named_alone() -> None:
    told = refusal(f"localhost:9092, {AWAY}", OPEN)
    assert AWAY in told.message and "localhost" not in told.message


@pytest.mark.parametrize(
    ("mechanism", "words"),
    [("PLAIN", "profiles and the password"), ("SCRAM-SHA-512", "a weak password"), ("OAUTHBEARER", "access token")],
)
def test_with_sasl_the_refusal_also_names_the_credentials(mechanism: str, words: str) -> None:
    told = refusal(AWAY, Security(security_protocol="SASL_PLAINTEXT", sasl_mechanism=mechanism))  # type: ignore[arg-type]
    assert words in told.message
    assert "kafka.security_protocol = SASL_SSL" in told.next_step


@pytest.mark.parametrize(
    "security",
    [
        Security(allow_plaintext=True),
        Security(security_protocol="SSL"),
        Security(security_protocol="SASL_SSL", sasl_mechanism="PLAIN"),
        Security(security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN", allow_plaintext=True),
    ],
)
def test_tls_and_a_setting_that_allows_it_let_clients_connect_anywhere(security: Security) -> None:
    refuse_cleartext(AWAY, security)
