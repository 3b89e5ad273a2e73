"""A worker whose tokens, password and certificate end or are replaced while it works: all is counted once, in time."""

import asyncio
import logging
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from counting import CountingStage, Place, make_topics, offline_fold, produce, read_counts
from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion
from support.certificates import certificates, certify_until
from support.renewing_listeners import by_certificate, by_password, by_token, certificate_security, token_security
from support.token_endpoint import Endpoint, tokens_for

from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.transport.connection import Connection
from liveprofile.streams.transport.security.expiry import EXPIRY
from liveprofile.streams.transport.security.settings import Security

pytestmark = pytest.mark.kafka
Until = Callable[..., Awaitable[None]]
USER = "worker"
LIFE_S = 10.0
SESSION_S = 30.0
"""Of the group: longer than a test keeps a worker away from Kafka."""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("first\n")
    return path


@pytest.fixture
async def endpoint(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Endpoint]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Endpoint()
    made.answer = tokens_for(USER, LIFE_S)
    yield made
    made.close()


class Work:
    """A worker that counts what a test produces through the open listener."""

    def __init__(self, place: Place, stage: CountingStage, until: Until) -> None:
        self.place, self.stage, self._until = place, stage, until
        self._sent = 0

    async def for_s(self, seconds: float) -> None:
        """Produce for some time, and see all of it counted."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            await produce(self.place, 10, start=self._sent)
            self._sent += 10
            await asyncio.sleep(0.1)
        await self._until(lambda: self.stage.applied >= self._sent * self.place.partitions)

    async def is_exact(self) -> None:
        """What is counted is what a fold over the log counts: nothing lost, nothing doubled, in order."""
        for partition in range(self.place.partitions):
            assert await read_counts(self.place, partition) == await offline_fold(self.place, partition)


@asynccontextmanager
async def working(
    tmp_path: Path, properties: Mapping[str, str], security: Security, until: Until
) -> AsyncIterator[tuple[Work, Broker]]:
    """A worker on the secured listener of a broker of its own."""
    port = free_port()
    with Broker(tmp_path / "broker", proxied={port: port}, properties=properties) as broker:
        place = Place(f"r{uuid.uuid4().hex[:10]}", broker.bootstrap, partitions=2)
        await make_topics(place)
        if security.password_file:
            set_password(broker, Path(security.password_file).read_text().strip())
        secured = Connection(f"127.0.0.1:{port}", security)
        there = Place(place.app_id, secured, place.partitions)  # type: ignore[arg-type]
        stage = CountingStage(there)
        work = Work(place, stage, until)
        async with Runtime([stage], there.config(session_timeout_s=SESSION_S)) as runtime:
            await runtime.ready()
            yield work, broker
        await work.is_exact()


def set_password(broker: Broker, password: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    changed = UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_512, password)
    made = admin.alter_user_scram_credentials([changed])
    assert made == {USER: None}
    admin.close()


def lost(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Lines about connections that were cut. A group's coordinator may be away for a moment where none was."""
    return [line for line in caplog.messages if "closed" in line]


async def test_sessions_are_renewed_before_their_tokens_end_and_no_connection_is_cut(
    tmp_path: Path, secret: Path, endpoint: Endpoint, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    EXPIRY._ends.clear()  # of clients of other tests of this process
    before = EXPIRY.renewals
    async with working(tmp_path, by_token(3600), token_security(endpoint, USER, secret), until) as (work, _):
        await work.for_s(2.5 * LIFE_S)
        assert EXPIRY.expires_s is not None and 0 < EXPIRY.expires_s <= LIFE_S
    after = EXPIRY.renewals
    assert after["reauthenticated"] - before["reauthenticated"] >= 6
    assert (after["failed"], after["reconnected"]) == (before["failed"], before["reconnected"])
    assert lost(caplog) == []


async def test_when_no_token_can_be_had_the_worker_goes_on_as_soon_as_one_can(
    tmp_path: Path, secret: Path, endpoint: Endpoint, until: Until, capsys: pytest.CaptureFixture[str]
) -> None:
    async with working(tmp_path, by_token(3600), token_security(endpoint, USER, secret), until) as (work, _):
        await work.for_s(1)
        endpoint.status = 503
        await asyncio.sleep(1.2 * LIFE_S)
        endpoint.status = 200
        await work.for_s(1)
    told = capsys.readouterr().out
    assert "No new access token for Kafka" in told and "HTTP status 503" in told
    assert "The access token for Kafka is renewed again." in told


async def test_a_replaced_password_is_taken_up_once_the_broker_knows_it(
    tmp_path: Path, secret: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    security = Security(
        security_protocol="SASL_PLAINTEXT", sasl_mechanism="SCRAM-SHA-512", username=USER, password_file=str(secret)
    )
    async with working(tmp_path, by_password(3600), security, until) as (work, broker):
        await work.for_s(1)
        caplog.set_level(logging.WARNING)
        before = EXPIRY.renewals
        secret.write_text("another\n")
        await until(lambda: EXPIRY.renewals["failed"] > before["failed"])
        await work.for_s(0.5)
        await asyncio.to_thread(set_password, broker, "another")
        await until(lambda: EXPIRY.renewals["reconnected"] >= before["reconnected"] + 2)
        await work.for_s(3)
    assert lost(caplog) == []


async def test_sessions_by_password_are_renewed_where_the_broker_limits_them(
    tmp_path: Path, secret: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    security = Security(
        security_protocol="SASL_PLAINTEXT", sasl_mechanism="SCRAM-SHA-512", username=USER, password_file=str(secret)
    )
    before = EXPIRY.renewals["reauthenticated"]
    async with working(tmp_path, by_password(LIFE_S), security, until) as (work, _):
        await work.for_s(2 * LIFE_S)
    assert EXPIRY.renewals["reauthenticated"] - before >= 4
    assert lost(caplog) == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="SKIPPED FOR WANT OF openssl: it makes certificates")
async def test_a_renewed_certificate_is_taken_up_and_nothing_is_cut(
    tmp_path: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    folder = certificates(tmp_path, "IP:127.0.0.1", USER, "secret")
    (folder / "broker-store.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.pem").read_text())
    async with working(tmp_path, by_certificate(folder), certificate_security(folder, USER), until) as (work, _):
        await work.for_s(1)
        caplog.set_level(logging.WARNING)
        before = EXPIRY.renewals
        ends_s = float(int(time.time()) + 1000)
        certify_until(folder, "next", "ours", USER, ends_s)
        for end in ("key", "pem"):
            (folder / f"next.{end}").replace(folder / f"{USER}.{end}")
        await work.for_s(6)
        await until(lambda: EXPIRY.renewals["reconnected"] >= before["reconnected"] + 3)
        await work.for_s(1)
        assert EXPIRY.expires_at is not None and EXPIRY.expires_at <= ends_s
    assert lost(caplog) == []
