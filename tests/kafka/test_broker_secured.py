"""A secured broker takes its users by each mechanism, nobody else, and lets them do what they may."""

import asyncio
import base64
import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.paths import ROOT

from liveprofile.streams.admin.acls.embedded import USERS, let_in
from liveprofile.streams.admin.topics import create_topics, list_topics
from liveprofile.streams.broker import Broker, BrokerError
from liveprofile.streams.broker.security import certificates
from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.broker.security.secured import Secured
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.transport.connection import Connection, client_arguments
from liveprofile.streams.transport.refusal import refusal

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]
TOPICS = Topics("secured", 1)


@pytest.fixture(scope="module", params=list(Mechanism))
def broker(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("secured"), secure=request.param) as running:
        let_in(running, TOPICS)
        yield running


@pytest.fixture
def users(broker: Broker) -> Secured:
    found = broker.secured
    assert found is not None
    return found


async def test_each_user_may_do_what_its_role_does_and_no_more(users: Secured) -> None:
    await create_topics(users.connection("admin"), TOPICS)
    assert None in (await list_topics(users.connection("reader"), TOPICS)).values(), "inputs are hidden from a reader"
    async with Sender(users.connection("producer"), [TOPICS.clicks]) as sender:
        sender.add(TOPICS.clicks, b"key", b"{}", now_ms())
    with pytest.raises(NoKafkaError):
        async with Sender(users.connection("reader"), [TOPICS.profiles]):
            pass


async def test_who_connects_without_saying_who_it_is_gets_no_answer(users: Secured) -> None:
    for port in (users.port, users.internal_port):
        with pytest.raises(NoKafkaError):
            await list_topics(f"127.0.0.1:{port}", TOPICS)


async def test_nobody_gets_in_with_another_ones_or_a_made_up_secret(users: Secured, tmp_path: Path) -> None:
    if users.mechanism is Mechanism.MTLS:
        (tmp_path / "other").mkdir()
        certificates.ensure_authority(tmp_path / "other")
        certificates.ensure_certificate(tmp_path / "other", "admin")
        other = tmp_path / "other"
        changes = {"certificate_file": str(other / "admin.pem"), "key_file": str(other / "admin.key")}
    else:
        name = "password_file" if users.mechanism is Mechanism.SCRAM else "client_secret_file"
        changes = {name: str(users.files / "reader.password")}
    own = users.connection("admin")
    with pytest.raises(NoKafkaError) as caught:
        await list_topics(Connection(own.bootstrap, replace(own.security, **changes)), TOPICS)
    assert (users.files / "ca.pem").exists() and "BEGIN" not in str(caught.value)


def test_secrets_are_readable_by_their_owner_only_and_in_no_other_file(broker: Broker, users: Secured) -> None:
    assert stat.S_IMODE(users.files.stat().st_mode) == 0o700
    for file in users.files.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    secrets = [file.read_text().strip() for file in users.files.glob("*.password")]
    assert len(secrets) == (0 if users.mechanism is Mechanism.MTLS else len(USERS))
    elsewhere = [file for file in broker.folder.rglob("*") if file.is_file() and file.suffix != ".password"]
    assert not [file for file in elsewhere for secret in secrets if secret.encode() in file.read_bytes()]


def test_a_running_broker_is_not_taken_for_one_of_another_mechanism(broker: Broker, users: Secured) -> None:
    other = next(one for one in Mechanism if one is not users.mechanism)
    with pytest.raises(BrokerError, match=f"secured by {users.mechanism}, not secured by {other}"):
        Broker(broker.folder, secure=other).start()


def test_a_command_with_the_settings_file_of_a_user_connects_and_one_without_is_told_of_it(
    broker: Broker, users: Secured, tmp_path: Path
) -> None:
    asyncio.run(create_topics(users.superuser, TOPICS))
    data = tmp_path / "data"
    data.mkdir()
    (data / "broker").symlink_to(broker.folder)

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "liveprofile", "--data-dir", str(data), *words]
        shop = {"LIVEPROFILE_APP_ID": "secured", "LIVEPROFILE_PARTITIONS": "1"}
        environ = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **shop}
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120)

    listed = run("--config", str(users.settings_file("admin")), "topics", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    refused = run("topics", "list")
    assert refused.returncode in (2, 4) and "Next:" in refused.stderr
    denied = run("--config", str(users.settings_file("producer")), "show", "abc")
    assert denied.returncode == 3
    assert "what the role reader needs: Describe, Read on the topic" in denied.stderr
    assert "liveprofile acls --role reader" in denied.stderr


@pytest.mark.parametrize("broker", [Mechanism.OAUTHBEARER], indirect=True)
async def test_a_token_that_the_issuer_did_not_sign_is_refused(users: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = client_arguments(users.connection("admin"))
    provider = arguments["sasl_oauth_token_provider"]
    good = await provider.token()
    head, claims, signature = good.split(".")
    forged = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged["sub"] = "superuser"
    changed = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")

    async def token() -> str:
        return f"{head}.{changed}.{signature}"

    assert refusal(users.connection("admin").bootstrap, arguments) is None
    monkeypatch.setattr(provider, "token", token)
    refused = await asyncio.to_thread(refusal, users.connection("admin").bootstrap, arguments)
    assert refused is not None and refused.exit_code == 2
