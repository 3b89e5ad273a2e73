"""Access tokens, asked for at a small endpoint on this machine."""

import asyncio
import base64
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from support.token_endpoint import Endpoint

from liveprofile.streams.errors import ExitCode, UserError
from liveprofile.streams.transport.security.expiry import Expiry
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.token_errors import TokenError, TokenRefusedError
from liveprofile.streams.transport.security.tokens import TokenProvider

SECRET = "s3cr3t: with/signs+"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return path


class Clock:
    """A clock that a test sets."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def security_for(url: str, secret: Path, scope: str = "") -> Security:
    return Security(
        security_protocol="SASL_SSL",
        sasl_mechanism="OAUTHBEARER",
        token_url=url,
        client_id="shop worker",
        client_secret_file=str(secret),
        scope=scope,
    )


@pytest.fixture
def provider(endpoint: Endpoint, secret: Path, clock: Clock) -> TokenProvider:
    return TokenProvider(security_for(endpoint.url, secret), clock)


async def failure(provider: TokenProvider) -> TokenError:
    with pytest.raises(TokenError) as caught:
        await provider.token()
    assert provider.failure is not None and str(provider.failure) == str(caught.value)
    assert caught.value.__suppress_context__, "what is chained may quote the request"
    for shown in (str(caught.value), repr(caught.value), repr(provider)):
        assert "s3cr3t" not in shown
    return caught.value


async def test_a_token_is_asked_for_by_client_credentials(endpoint: Endpoint, secret: Path) -> None:
    provider = TokenProvider(security_for(endpoint.url, secret, "kafka.write"))
    assert await provider.token() == "token-1"
    ((path, authorization, form),) = endpoint.asked
    assert (path, form) == ("/token", {"grant_type": ["client_credentials"], "scope": ["kafka.write"]})
    kind, _, credentials = authorization.partition(" ")
    assert (kind, base64.b64decode(credentials)) == ("Basic", b"shop+worker:s3cr3t%3A+with%2Fsigns%2B")


async def test_without_a_scope_none_is_asked_for(endpoint: Endpoint, provider: TokenProvider) -> None:
    await provider.token()
    assert endpoint.asked[0][2] == {"grant_type": ["client_credentials"]}


async def test_a_token_is_kept_until_three_quarters_of_its_life(provider: TokenProvider, clock: Clock) -> None:
    assert await provider.token() == "token-1"
    clock.now_s += 74.9
    assert await provider.token() == "token-1"
    clock.now_s += 0.1
    assert await provider.token() == "token-2"


async def test_clients_that_ask_at_once_share_one_token(endpoint: Endpoint, provider: TokenProvider) -> None:
    assert set(await asyncio.gather(*(provider.token() for _ in range(8)))) == {"token-1"}
    assert len(endpoint.asked) == 1


async def test_a_life_that_is_not_said_is_a_minute(endpoint: Endpoint, provider: TokenProvider, clock: Clock) -> None:
    endpoint.answer = {"access_token": "abc"}
    await provider.token()
    clock.now_s += 44.9
    await provider.token()
    assert len(endpoint.asked) == 1
    clock.now_s += 0.1
    await provider.token()
    assert len(endpoint.asked) == 2


async def test_the_clients_password_is_read_for_each_request(
    endpoint: Endpoint, provider: TokenProvider, secret: Path, clock: Clock
) -> None:
    await provider.token()
    secret.write_text("another")
    clock.now_s += 100
    await provider.token()
    assert base64.b64decode(endpoint.asked[1][1].partition(" ")[2]) == b"shop+worker:another"


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_is_told_by_status_and_code_without_the_description(
    endpoint: Endpoint, provider: TokenProvider, status: int
) -> None:
    endpoint.status = status
    endpoint.answer = {"error": "invalid_client", "error_description": f"{SECRET} is wrong"}
    error = await failure(provider)
    assert isinstance(error, TokenRefusedError) and f"HTTP status {status} (invalid_client)" in error.message
    assert "kafka.client_secret_file" in error.next_step
    assert error.exit_code is ExitCode.USAGE and not error.retryable


async def test_a_code_that_is_none_of_the_standard_is_not_repeated(endpoint: Endpoint, provider: TokenProvider) -> None:
    endpoint.status, endpoint.answer = 401, {"error": SECRET}
    assert (await failure(provider)).message.endswith("HTTP status 401.")


async def test_an_endpoint_in_trouble_is_asked_again_by_the_next_client(
    endpoint: Endpoint, provider: TokenProvider
) -> None:
    endpoint.status = 503
    error = await failure(provider)
    assert error.retryable and not isinstance(error, TokenRefusedError)
    endpoint.status = 200
    assert await provider.token() == "token-2" and provider.failure is None


async def test_a_token_that_cannot_be_renewed_serves_until_its_end_and_is_asked_for_with_back_off(
    endpoint: Endpoint, provider: TokenProvider, clock: Clock
) -> None:
    await provider.token()
    endpoint.status = 503
    clock.now_s += 75
    assert await provider.token() == "token-1" and provider.failure is not None
    assert (round(provider.renew_in_s), round(provider.ends_in_s)) == (0, 25)
    for asked, pause_s in ((2, 0.4), (3, 0.1), (3, 0.9), (4, 0.1), (4, 1.9), (5, 0.1)):
        clock.now_s += pause_s
        assert await provider.token() == "token-1"
        assert len(endpoint.asked) == asked
    clock.now_s += 22
    for _ in range(2):
        with pytest.raises(TokenError):
            await provider.token()
    assert len(endpoint.asked) == 7
    endpoint.status = 200
    assert await provider.token() == "token-8" and provider.failure is None


async def test_the_end_of_the_token_is_known_to_the_metrics(endpoint: Endpoint, secret: Path) -> None:
    expiry = Expiry()
    assert expiry.expires_at is None
    await TokenProvider(security_for(endpoint.url, secret), expiry=expiry).token()
    assert expiry.expires_s is not None and 95 < expiry.expires_s <= 100


@pytest.mark.parametrize(
    "answer",
    [b"<html>", b"[]", {}, {"access_token": ""}, {"access_token": 7}]
    + [{"access_token": "abc", "expires_in": life} for life in (0, -1, "soon", None)],
)
async def test_an_answer_that_is_no_token_is_told(endpoint: Endpoint, provider: TokenProvider, answer: Any) -> None:
    endpoint.answer = answer
    assert "access_token" in (await failure(provider)).message


async def test_the_password_follows_no_redirection(endpoint: Endpoint, provider: TokenProvider) -> None:
    endpoint.status, endpoint.headers = 302, {"Location": f"{endpoint.url}/elsewhere"}
    assert "302" in (await failure(provider)).message
    assert len(endpoint.asked) == 1


async def test_an_endpoint_that_is_away_is_named(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/token"
    error = await failure(TokenProvider(security_for(url, secret)))
    assert url in error.message and error.exit_code is ExitCode.NO_KAFKA


async def test_a_file_that_is_missing_is_told_and_looked_for_again(provider: TokenProvider, secret: Path) -> None:
    secret.unlink()
    assert "kafka.client_secret_file" in (await failure(provider)).message
    secret.write_text(SECRET)
    assert await provider.token() == "token-1"


def test_clients_take_the_error_for_one_of_kafka_and_try_again() -> None:
    assert issubclass(TokenError, KafkaError) and issubclass(TokenError, UserError)
