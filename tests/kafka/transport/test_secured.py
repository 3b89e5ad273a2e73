"""A worker and all other clients on listeners with TLS, by password, by access token and by certificate."""

import asyncio
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from counting import CountingStage, Place, make_topics, produce
from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion
from support.certificates import certificates
from support.paths import ROOT
from support.token_endpoint import Endpoint, tokens_for

from liveprofile.streams.admin.consumer_groups import group_reader
from liveprofile.streams.admin.topics import list_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topic, Topics
from liveprofile.streams.errors import ExitCode, NoKafkaError
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.transport.connection import Connection
from liveprofile.streams.transport.security.settings import Security

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="SKIPPED FOR WANT OF openssl: it makes certificates"),
]
USER, PASSWORD = "worker", "correct horse battery staple"
_JAAS = "org.apache.kafka.common.security"
BY_SASL, BY_CERTIFICATE = "listener.name.proxied0", "listener.name.proxied1"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a broker and of a client, by one authority; the broker's key and certificate in one file."""
    folder = certificates(tmp_path_factory.mktemp("certificates"), "IP:127.0.0.1", "client", PASSWORD)
    both = [(folder / f"broker.{end}").read_text() for end in ("key", "pem")]
    (folder / "broker-store.pem").write_text("".join(both))
    return folder


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """Of the listener by SASL, and of that by certificates."""
    one = free_port()
    return one, free_port(one)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, files: Path, ports: tuple[int, int]) -> Iterator[Broker]:
    """A broker with both listeners beside the open one. It takes tokens without a signature."""
    store = {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(files / "broker-store.pem")}
    trust = {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(files / "ours.pem")}
    by_sasl = store | {
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        "plain.sasl.jaas.config": f'{_JAAS}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
        "scram-sha-256.sasl.jaas.config": f"{_JAAS}.scram.ScramLoginModule required;",
        "scram-sha-512.sasl.jaas.config": f"{_JAAS}.scram.ScramLoginModule required;",
        "oauthbearer.sasl.jaas.config": f"{_JAAS}.oauthbearer.OAuthBearerLoginModule required;",
    }
    by_certificate = store | trust | {"ssl.client.auth": "required"}
    properties = {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,PROXIED0:SASL_SSL,PROXIED1:SSL,CONTROLLER:PLAINTEXT",
        **{f"{BY_SASL}.{name}": value for name, value in by_sasl.items()},
        **{f"{BY_CERTIFICATE}.{name}": value for name, value in by_certificate.items()},
    }
    with Broker(
        tmp_path_factory.mktemp("secured"), proxied={port: port for port in ports}, properties=properties
    ) as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        for mechanism in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):  # Kafka takes one in a request
            made = admin.alter_user_scram_credentials([UserScramCredentialUpsertion(USER, mechanism, PASSWORD)])
            assert made == {USER: None}
        admin.close()
        yield broker


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Endpoint()
    made.answer = tokens_for(USER, 600)
    yield made
    made.close()


@pytest.fixture
def connect(files: Path, ports: tuple[int, int], endpoint: Endpoint) -> Callable[..., Connection]:
    """The connection by a mechanism; "none" is by certificate."""

    def by(mechanism: Any, **changes: Any) -> Connection:
        given: dict[str, Any] = {"ca_file": str(files / "ours.pem"), "sasl_mechanism": mechanism}
        if mechanism == "none":
            pair = {"certificate_file": str(files / "client.pem"), "key_file": str(files / "client.key")}
            given |= {"security_protocol": "SSL"} | pair
            port = ports[1]
        else:
            given["security_protocol"], port = "SASL_SSL", ports[0]
        if mechanism == "OAUTHBEARER":
            secret = str(files / "password")
            given |= {"token_url": endpoint.url, "client_id": USER, "client_secret_file": secret}
        elif mechanism != "none":
            given |= {"username": USER, "password_file": str(files / "password")}
        return Connection(f"127.0.0.1:{port}", Security(**(given | changes)))

    return by


@pytest.fixture
async def place(secured: Broker) -> Place:
    """Topics of the test's own, made through the open listener."""
    made = Place(f"s{uuid.uuid4().hex[:10]}", secured.bootstrap, partitions=2)
    await make_topics(made)
    return made


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "none"])
async def test_a_worker_reads_and_writes_over_a_secured_listener(
    place: Place, connect: Callable[..., Connection], until: Callable[..., Awaitable[None]], mechanism: str
) -> None:
    there = Place(place.app_id, connect(mechanism, client_rack="eu-1a"), place.partitions)  # type: ignore[arg-type]
    await produce(place, 20)
    stage = CountingStage(there)
    async with Runtime([stage], there.config()) as runtime:
        await runtime.ready()
        await until(lambda: stage.applied == 40)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "OAUTHBEARER", "none"])
async def test_the_clients_of_commands_connect_to_a_secured_listener(
    place: Place, connect: Callable[..., Connection], mechanism: str
) -> None:
    connection = connect(mechanism)
    assert await list_topics(connection, [Topic(place.input, 2)]) == {place.input: 2}
    async with Sender(connection, [place.input]) as sender:
        sender.add(place.input, b"key", b"value", now_ms())
    async with open_reader(connection) as reader, group_reader(connection, place.input, 2) as groups:
        assert sum((await reader.ends(reader.places([place.input]))).values()) == sum(await groups.end()) == 1


async def test_a_command_connects_by_the_settings_in_its_environment(
    secured: Broker, connect: Callable[..., Connection], tmp_path: Path
) -> None:
    connection = connect("SCRAM-SHA-512")
    given = {name: value for name, value in msgspec.structs.asdict(connection.security).items() if value}
    environ = {f"LIVEPROFILE_KAFKA__{name.upper()}": value for name, value in given.items()}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "liveprofile", "--bootstrap", str(connection), "topics", "create"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ, "LIVEPROFILE_APP_ID": "secured"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    topics = Topics("secured").all()
    assert None not in (await list_topics(secured.bootstrap, topics)).values()


@pytest.mark.parametrize(
    ("mechanism", "changes", "told"),
    [
        ("SCRAM-SHA-512", {"username": "nobody"}, "refuses this user: SCRAM-SHA-512 failed.*kafka.password_file"),
        ("PLAIN", {"password_file": "ours.pem"}, "refuses this user: PLAIN failed.*kafka.password_file"),
        ("SCRAM-SHA-512", {"ca_file": "theirs.pem"}, "certificate of Kafka.*cannot be trusted.*kafka.ca_file"),
        ("none", {"certificate_file": "theirs.pem", "key_file": "theirs.key"}, "or it refuses SSL"),
    ],
    ids=["unknown user", "wrong password", "unknown authority of the broker", "unknown authority of the client"],
)
async def test_who_is_not_known_is_refused_in_words(
    secured: Broker, files: Path, connect: Callable[..., Connection], mechanism: str, changes: dict[str, str], told: str
) -> None:
    given = {name: str(files / value) if "file" in name else value for name, value in changes.items()}
    with pytest.raises(NoKafkaError, match=told) as caught:
        await list_topics(connect(mechanism, **given), [Topic("clicks", 1)])
    assert PASSWORD not in str(caught.value)
    refused = "refuses this user" in told or "trusted" in told
    assert caught.value.exit_code == (ExitCode.USAGE if refused else ExitCode.NO_KAFKA), "a supervisor restarts 4 only"


async def test_an_identity_provider_that_refuses_is_named(
    secured: Broker, connect: Callable[..., Connection], endpoint: Endpoint
) -> None:
    endpoint.status, endpoint.answer = 401, {"error": "invalid_client"}
    with pytest.raises(NoKafkaError, match=r"no access token.*HTTP status 401 \(invalid_client\)"):
        await list_topics(connect("OAUTHBEARER", scope="other"), [Topic("clicks", 1)])
