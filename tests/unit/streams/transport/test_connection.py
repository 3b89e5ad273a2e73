"""The connection: what each aiokafka client gets, that Faust's consumer gets the same, and where no secret shows."""

import ast
import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from support.paths import ROOT

from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.app import RuntimeConfig, build_app
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.transport.connection import Connection, client_arguments, consumer_arguments, no_kafka
from liveprofile.streams.transport.faust_credentials import faust_credentials
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.tokens import TokenProvider

ADDRESSES = "kafka-1:9092,kafka-2:9092"
PASSWORD = "correct horse battery staple"
CLIENTS = {"AIOKafkaConsumer", "AIOKafkaProducer", "AIOKafkaAdminClient"}
ARGUMENTS = {"client_arguments", "consumer_arguments"}


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return path


def scram(password_file: Path, **changes: Any) -> Connection:
    given = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "username": "worker",
        "password_file": str(password_file),
    }
    return Connection(ADDRESSES, Security(**(given | changes)))


def oauth(password_file: Path) -> Connection:
    return Connection(
        ADDRESSES,
        Security(
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="OAUTHBEARER",
            token_url="https://login.example.com/token",
            client_id="worker",
            client_secret_file=str(password_file),
        ),
    )


@pytest.mark.parametrize("bootstrap", [ADDRESSES, Connection(ADDRESSES)], ids=["addresses", "connection"])
def test_without_settings_a_client_gets_the_addresses_and_nothing_else(bootstrap: Any) -> None:
    usual = {"bootstrap_servers": ["kafka-1:9092", "kafka-2:9092"]}
    assert client_arguments(bootstrap) == consumer_arguments(bootstrap) == usual
    assert faust_credentials(usual) is None


def test_with_scram_a_client_gets_user_password_and_a_context_that_checks_the_broker(password_file: Path) -> None:
    found = client_arguments(scram(password_file))
    context = found.pop("ssl_context")
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    assert found == {
        "bootstrap_servers": ["kafka-1:9092", "kafka-2:9092"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "worker",
        "sasl_plain_password": PASSWORD,
    }


def test_without_tls_there_is_no_context(password_file: Path) -> None:
    assert "ssl_context" not in client_arguments(scram(password_file, security_protocol="SASL_PLAINTEXT"))


def test_with_tls_alone_there_is_no_sasl() -> None:
    found = client_arguments(Connection(ADDRESSES, Security(security_protocol="SSL")))
    assert found.keys() == {"bootstrap_servers", "security_protocol", "ssl_context"}


def test_clients_with_tokens_share_one_provider(password_file: Path) -> None:
    one, other = (client_arguments(oauth(password_file))["sasl_oauth_token_provider"] for _ in range(2))
    assert isinstance(one, TokenProvider) and one is other


def test_a_changed_password_is_used_by_the_next_client(password_file: Path) -> None:
    connection = scram(password_file)
    client_arguments(connection)
    password_file.write_text("another")
    assert client_arguments(connection)["sasl_plain_password"] == "another"


def test_a_password_that_cannot_be_read_is_told_before_a_client_is_made(password_file: Path) -> None:
    password_file.unlink()
    with pytest.raises(UserError, match=r"kafka\.password_file = "):
        client_arguments(scram(password_file))


def test_consumers_alone_get_the_rack() -> None:
    connection = Connection(ADDRESSES, Security(client_rack="eu-1a"))
    assert consumer_arguments(connection)["client_rack"] == "eu-1a"
    assert "client_rack" not in client_arguments(connection)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"])
async def test_aiokafka_takes_the_arguments(password_file: Path, mechanism: str) -> None:
    connection = oauth(password_file) if mechanism == "OAUTHBEARER" else scram(password_file, sasl_mechanism=mechanism)
    for made in (AIOKafkaProducer, AIOKafkaAdminClient):
        made(**client_arguments(connection))
    consumer = AIOKafkaConsumer(**consumer_arguments(connection))
    assert consumer._client._sasl_mechanism == mechanism
    await consumer.stop()


@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT", "SSL"])
def test_faust_gives_its_consumer_what_other_clients_get(password_file: Path, protocol: str) -> None:
    changes = {"sasl_mechanism": "none"} if protocol == "SSL" else {}
    for connection in (scram(password_file, security_protocol=protocol, **changes), oauth(password_file)):
        usual = client_arguments(connection)
        given = credentials_to_aiokafka_auth(faust_credentials(usual))
        assert {name: value for name, value in given.items() if value is not None} == {
            name: value for name, value in usual.items() if name != "bootstrap_servers"
        }


async def nothing_to_settle() -> None:
    """No batch is in progress."""


async def ignore(_: Any) -> None:
    """Nothing is delivered or assigned."""


async def consumer_of_the_app(bootstrap: Any) -> Any:
    """The aiokafka consumer that Faust's thread of a worker makes."""
    app = build_app(RuntimeConfig("shop", bootstrap), (), take=lambda *_: None, settle=nothing_to_settle)
    consumer = app.transport.create_consumer(
        callback=ignore, on_partitions_revoked=ignore, on_partitions_assigned=ignore
    )
    return consumer.new_thread()._create_consumer(asyncio.get_running_loop())


async def test_the_workers_consumer_authenticates_and_says_its_rack(password_file: Path) -> None:
    made = await consumer_of_the_app(scram(password_file, client_rack="eu-1a"))
    client = made._client
    assert (client._security_protocol, client._sasl_mechanism) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (client._sasl_plain_username, client._sasl_plain_password) == ("worker", PASSWORD)
    assert client._ssl_context.check_hostname and made._client_rack == "eu-1a"
    assert [str(one) for one in client._bootstrap_servers] == ["kafka-1:9092", "kafka-2:9092"]


async def test_without_settings_the_workers_consumer_is_as_before() -> None:
    made = await consumer_of_the_app(ADDRESSES)
    assert (made._client._security_protocol, made._client._ssl_context, made._client_rack) == ("PLAINTEXT", None, None)


def test_no_secret_is_in_the_text_of_what_is_kept(password_file: Path) -> None:
    connection = scram(password_file)
    kept = (connection, RuntimeConfig("shop", connection), KafkaOutbox(connection)._settings)
    credentials = faust_credentials(client_arguments(connection))
    shown = [f"{one!r} {one}" for one in (*kept, credentials)]
    assert not [text for text in shown if PASSWORD in text]
    assert str(connection) == ADDRESSES


def test_without_an_answer_the_addresses_are_named_and_with_security_what_may_be_wrong(password_file: Path) -> None:
    plain = no_kafka(ADDRESSES, "Start it.")
    assert (plain.message, plain.next_step) == (f"No Kafka answers at {ADDRESSES}.", "Start it.")
    secure = no_kafka(scram(password_file), "Start it.")
    assert "or it refuses SASL_SSL with SCRAM-SHA-512" in secure.message and "[kafka]" in secure.next_step


async def test_without_an_access_token_that_is_what_is_told(password_file: Path) -> None:
    connection = oauth(password_file)
    password_file.unlink()
    with pytest.raises(UserError):
        await client_arguments(connection)["sasl_oauth_token_provider"].token()
    told = no_kafka(connection, "Start it.")
    assert "There is no access token" in told.message and "kafka.client_secret_file" in told.message


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


@pytest.mark.parametrize("path", sorted((ROOT / "streams").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_client_is_made_with_the_arguments_of_the_connection(path: Path) -> None:
    """A client that is made with addresses alone would send in clear text whatever the settings say."""
    made = [call for call in calls(ast.parse(path.read_text(encoding="utf-8"))) if name_of(call) in CLIENTS]
    without = [call.lineno for call in made if not ARGUMENTS & {name_of(inner) for inner in calls(call)}]
    assert without == []
    wrong = [
        call.lineno
        for call in made
        if (name_of(call) == "AIOKafkaConsumer") != ("consumer_arguments" in {name_of(inner) for inner in calls(call)})
    ]
    assert wrong == [], "consumers, and no others, get `consumer_arguments`"
