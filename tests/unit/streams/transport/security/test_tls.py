"""TLS contexts: whom they trust, how they authenticate, and when files are read again. Certificates are OpenSSL's."""

import shutil
import ssl
from pathlib import Path

import msgspec
import pytest
from support.certificates import certificates, certify, openssl

from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.tls import broker_context, endpoint_context

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two authorities, a broker and a worker of the first, and the worker's key under a password."""
    folder = certificates(tmp_path_factory.mktemp("certificates"), "DNS:kafka-1", "worker", PASSWORD)
    encrypted = ("-aes256", "-passout", f"pass:{PASSWORD}", "-out", "locked.key")
    openssl(folder, "ec", "-in", "worker.key", *encrypted)
    return folder


@pytest.fixture
def files(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "files"))


def security(files: Path, **changes: str) -> Security:
    """Mutual TLS with the worker's certificate."""
    usual = Security(
        security_protocol="SSL",
        ca_file=str(files / "ours.pem"),
        certificate_file=str(files / "worker.pem"),
        key_file=str(files / "worker.key"),
    )
    return msgspec.structs.replace(usual, **changes)


def handshake(client: ssl.SSLContext, files: Path, host: str = "kafka-1") -> str:
    """Connect in memory to a broker that wants a certificate; gives the name in the client's."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files / "broker.pem", files / "broker.key")
    server.load_verify_locations(files / "ours.pem")
    server.verify_mode = ssl.CERT_REQUIRED
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours, theirs = client.wrap_bio(down, up, server_hostname=host), server.wrap_bio(up, down, server_side=True)
    waiting = [ours, theirs, ours, theirs, ours, theirs]
    for side in waiting:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    found = theirs.getpeercert() or {}
    return dict(pair for (pair,) in found["subject"])["commonName"]


def test_both_sides_authenticate_by_the_given_files(files: Path) -> None:
    assert handshake(broker_context(security(files)), files) == "worker"


def test_an_authority_that_is_not_named_is_not_trusted(files: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(broker_context(security(files, ca_file=str(files / "theirs.pem"))), files)


def test_with_a_file_the_authorities_of_the_system_are_not_trusted(files: Path) -> None:
    (trusted,) = broker_context(security(files)).get_ca_certs()
    assert trusted["subject"] == ((("commonName", "ours"),),)


def test_a_certificate_of_another_host_is_not_trusted(files: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(broker_context(security(files)), files, host="kafka-2")


def test_without_a_file_the_authorities_of_the_system_are_trusted_and_no_others() -> None:
    context = broker_context(Security(security_protocol="SSL"))
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    assert len(context.get_ca_certs()) == len(ssl.create_default_context().get_ca_certs())


def test_the_endpoint_of_tokens_may_have_a_certificate_of_the_named_authority_too(files: Path) -> None:
    usual = len(ssl.create_default_context().get_ca_certs())
    assert len(endpoint_context(security(files)).get_ca_certs()) == usual + 1


def test_an_encrypted_key_is_opened_by_the_password_in_a_file(files: Path) -> None:
    locked = security(files, key_file=str(files / "locked.key"), key_password_file=str(files / "password"))
    assert handshake(broker_context(locked), files) == "worker"


def test_an_encrypted_key_without_a_password_is_told_and_nobody_is_asked(files: Path) -> None:
    with pytest.raises(UserError, match=r"locked\.key' is encrypted\. Name its password"):
        broker_context(security(files, key_file=str(files / "locked.key")))


def test_a_wrong_password_is_told_and_not_shown(files: Path) -> None:
    (files / "password").write_text("hunter2")
    locked = security(files, key_file=str(files / "locked.key"), key_password_file=str(files / "password"))
    with pytest.raises(UserError, match="cannot be used") as caught:
        broker_context(locked)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "name", "words"),
    [
        ("ca_file", "missing.pem", r"kafka\.ca_file = .*missing\.pem' cannot be used: no such file"),
        ("ca_file", "password", r"kafka\.ca_file = .*password' cannot be used"),
        ("certificate_file", "missing.pem", r"missing\.pem' and kafka\.key_file = .* no such file"),
        ("key_file", "broker.key", "cannot be used: key values mismatch"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(files: Path, setting: str, name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        broker_context(security(files, **{setting: str(files / name)}))


def test_files_are_read_once_as_long_as_they_are_the_same(files: Path) -> None:
    assert broker_context(security(files)) is broker_context(security(files))


def test_a_renewed_certificate_is_used_by_the_next_client(files: Path) -> None:
    before = broker_context(security(files))
    certify(files, "renewed", "ours", "DNS:worker")
    for end in ("pem", "key"):
        (files / f"renewed.{end}").replace(files / f"worker.{end}")
    after = broker_context(security(files))
    assert after is not before
    assert (handshake(before, files), handshake(after, files)) == ("worker", "renewed")
