"""Access tokens of AWS IAM: signed by AWS's own library, with credentials of the environment and without a network."""

import base64
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from liveprofile.streams.transport.connection import Connection, client_arguments
from liveprofile.streams.transport.security.aws_tokens import request_aws_token
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.token_errors import TokenError
from liveprofile.streams.transport.security.tokens import TokenProvider

pytest.importorskip("aws_msk_iam_sasl_signer", reason="SKIPPED FOR WANT OF the extra msk")
MSK = Security(security_protocol="SASL_SSL", sasl_mechanism="OAUTHBEARER", aws_region="eu-central-1")
SECRET = "wJalrXUtnFEMI/EXAMPLEKEY"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials of this machine, and none of an instance's role, for which a network would be asked."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere/at/all")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def give_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def test_a_token_is_a_signed_request_to_connect_to_the_regions_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    give_credentials(monkeypatch)
    token, life_s = request_aws_token(MSK)
    url = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    query = parse_qs(url.query)
    assert url.hostname == "kafka.eu-central-1.amazonaws.com"
    assert query["Action"] == ["kafka-cluster:Connect"] and query["X-Amz-Credential"][0].startswith("AKIAEXAMPLE/")
    assert 0 < life_s <= 900 and life_s <= float(query["X-Amz-Expires"][0])
    assert SECRET not in url.geturl()


async def test_the_clients_of_a_process_take_such_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    give_credentials(monkeypatch)
    provider = client_arguments(Connection("b-1.example.com:9098", MSK))["sasl_oauth_token_provider"]
    assert isinstance(provider, TokenProvider)
    first = await provider.token()
    assert first and await provider.token() == first and provider.ends_in_s > 60
    assert first not in repr(provider) and "eu-central-1" in repr(provider)


def test_without_credentials_the_settings_to_check_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    with pytest.raises(TokenError, match="AWS gave no credentials for an access token in eu-central-1") as caught:
        request_aws_token(MSK)
    assert "kafka.aws_profile" in caught.value.next_step and time.monotonic() - began < 20


def test_an_unknown_profile_is_told_by_the_kind_of_error(monkeypatch: pytest.MonkeyPatch) -> None:
    give_credentials(monkeypatch)
    with pytest.raises(TokenError, match="ProfileNotFound"):
        request_aws_token(Security(aws_region="eu-central-1", aws_profile="shop"))
