"""Credentials of connections: whose arguments they are, what is read again, and what happens while it cannot be."""

import shutil
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from support.certificates import certificates, certify_until

from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.connection import Connection, client_arguments
from liveprofile.streams.transport.faust_credentials import faust_credentials
from liveprofile.streams.transport.security import credentials as module
from liveprofile.streams.transport.security.credentials import Credentials, security_arguments, settings_of
from liveprofile.streams.transport.security.expiry import EXPIRY
from liveprofile.streams.transport.security.kerberos import require_kerberos
from liveprofile.streams.transport.security.settings import Security

ADDRESS = "kafka-1:9092"
GSSAPI = Security(
    security_protocol="SASL_PLAINTEXT",
    sasl_mechanism="GSSAPI",
    kerberos_service="brokers",
    kerberos_domain="kafka.example.com",
)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("first\n")
    return path


def scram(password: Path, protocol: Any = "SASL_PLAINTEXT") -> Security:
    return Security(
        security_protocol=protocol, sasl_mechanism="SCRAM-SHA-512", username="worker", password_file=str(password)
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("makes certificates with openssl")
    return certificates(tmp_path_factory.mktemp("certificates"), "DNS:kafka-1", "worker", "secret")


@pytest.fixture
def mtls(made: Path, tmp_path: Path) -> Security:
    folder = Path(shutil.copytree(made, tmp_path / "files"))
    pair = {"certificate_file": str(folder / "worker.pem"), "key_file": str(folder / "worker.key")}
    return Security(security_protocol="SSL", ca_file=str(folder / "ours.pem"), **pair)


def test_arguments_know_their_settings_and_those_of_others_know_none(password: Path, mtls: Security) -> None:
    token = Security(
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="OAUTHBEARER",
        token_url="https://login.example.com/",
        client_id="worker",
        client_secret_file=str(password),
    )
    for security in (scram(password), token, mtls, msgspec.structs.replace(mtls, certificate_file="", key_file="")):
        assert settings_of(security_arguments(security)) is security
    for others in ({}, {"ssl_context": ssl.create_default_context()}, {"sasl_plain_password": "first"}):
        assert settings_of(others) is None


def test_settings_come_through_fausts_own_credentials(password: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "require_kerberos", lambda: None)
    for security in (scram(password), GSSAPI):
        given = credentials_to_aiokafka_auth(faust_credentials(security_arguments(security)))
        assert settings_of(given) is security


def test_a_changed_password_is_another_version_and_in_the_next_arguments(password: Path) -> None:
    credentials = Credentials(scram(password))
    before, first = credentials.version(), credentials.arguments({"client_id": "me"})
    assert (first["sasl_plain_password"], first["client_id"]) == ("first", "me")
    password.write_text("another\n")
    assert credentials.version() != before
    assert credentials.arguments(first)["sasl_plain_password"] == "another"


def test_while_a_file_cannot_be_used_the_last_credentials_serve(password: Path) -> None:
    credentials = Credentials(scram(password))
    first = credentials.arguments({})
    password.unlink()
    assert credentials.arguments(first) is first
    password.write_text("another\n")
    assert credentials.arguments(first)["sasl_plain_password"] == "another"


def test_a_certificate_and_a_key_that_do_not_fit_together_yet_leave_the_last_context(mtls: Security) -> None:
    credentials = Credentials(mtls)
    first = credentials.arguments({})
    certify_until(Path(mtls.ca_file).parent, "next", "ours", "worker", time.time() + 1000)
    (Path(mtls.ca_file).parent / "next.pem").replace(mtls.certificate_file)
    assert credentials.arguments(first) is first
    (Path(mtls.ca_file).parent / "next.key").replace(mtls.key_file)
    assert credentials.arguments(first)["ssl_context"] is not first["ssl_context"]


def test_the_end_of_the_certificate_is_known_and_told_in_time(mtls: Security, monkeypatch: pytest.MonkeyPatch) -> None:
    certify_until(Path(mtls.ca_file).parent, "worker", "ours", "worker", 2_000_000_000.0)
    credentials, told = Credentials(mtls), list[str]()
    monkeypatch.setattr(credentials._life_trouble, "_tell", told.append)
    credentials.arguments({})
    assert EXPIRY.expires_at is not None and EXPIRY.expires_at <= 2_000_000_000.0
    credentials.look_at_life()
    assert not told
    credentials.look_at_life(2_000_000_000.0 - 10)
    credentials.look_at_life(2_000_000_000.0 - 9)
    (words,) = told
    assert mtls.certificate_file in words and "ends in 10 s" in words and "without a restart" in words
    certify_until(Path(mtls.ca_file).parent, "worker", "ours", "worker", 2_100_000_000.0)
    credentials.look_at_life()
    assert told[1:] == ["The certificate of kafka.certificate_file has been renewed."]


async def test_settings_of_kerberos_reach_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "require_kerberos", lambda: None)
    client = AIOKafkaProducer(**client_arguments(Connection(ADDRESS, GSSAPI))).client
    assert (client._sasl_mechanism, client._security_protocol) == ("GSSAPI", "SASL_PLAINTEXT")
    assert (client._sasl_kerberos_service_name, client._sasl_kerberos_domain_name) == ("brokers", "kafka.example.com")


@pytest.mark.parametrize("require", [require_kerberos, lambda: client_arguments(Connection(ADDRESS, GSSAPI))])
def test_without_the_extra_for_kerberos_that_is_told(require: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveprofile.streams.transport.security.kerberos.find_spec", lambda name: None)
    with pytest.raises(UserError, match="gssapi is not installed") as caught:
        require()
    assert "liveprofile[kerberos]" in caught.value.next_step


def test_without_the_extra_for_msk_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aws_msk_iam_sasl_signer", None)
    security = Security(security_protocol="SASL_SSL", sasl_mechanism="OAUTHBEARER", aws_region="eu-central-1")
    with pytest.raises(UserError, match="is not installed") as caught:
        client_arguments(Connection(ADDRESS, security))
    assert "liveprofile[msk]" in caught.value.next_step
