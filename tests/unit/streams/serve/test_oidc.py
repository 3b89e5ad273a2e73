"""Access tokens of an identity provider: taken if its own key signed them for this service and this time."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from support.identity_provider import AUDIENCE, IdentityProvider
from support.serving import Answer, Shop, snapshot
from support.serving_fakes import TOPICS, profile_id
from support.token_endpoint import unsigned_token

from liveprofile.streams.errors import UserError
from liveprofile.streams.serve.api.bearer import Bearer
from liveprofile.streams.serve.auth import key_set
from liveprofile.streams.serve.auth.key_set import KeySource, keys_of
from liveprofile.streams.serve.auth.oidc import Verifier
from liveprofile.streams.serve.auth.tokens import Tokens
from liveprofile.streams.serve.server import with_identity_provider
from liveprofile.streams.settings.oidc import Oidc

ONE = f"/v1/profiles/{profile_id(1)}"


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    made = IdentityProvider()
    yield made
    made.close()


@pytest.fixture
def settings(provider: IdentityProvider) -> Oidc:
    return Oidc(issuer=provider.issuer, audience=AUDIENCE, jwks_url=provider.jwks_url)


@pytest.fixture
def guarded(shop: Shop, settings: Oidc) -> Shop:
    """A shop with a profile that takes the provider's tokens."""
    return guard(shop, settings)


def guard(shop: Shop, oidc: Oidc, now_s: Any = time.monotonic, clock_s: Any = time.time) -> Shop:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    shop.tokens._others = True
    shop.app = Bearer(shop.app, Verifier(oidc, KeySource(oidc, now_s), clock_s))  # type: ignore[assignment]  # it stands before it
    return shop


def why(answer: Answer) -> str:
    """Why a token was refused."""
    assert answer.problem == "no-token"
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    return str(answer.json["detail"])


async def test_a_token_does_what_its_scopes_say_under_the_name_of_its_subject(
    guarded: Shop, provider: IdentityProvider
) -> None:
    token = provider.token()
    assert (await guarded.ask(ONE, token=token)).status == 200
    assert guarded.audited[-1].who.name == "oidc:crm"
    assert (await guarded.ask("/metrics", token=token)).status == 200
    assert (await guarded.ask("/v1/segments", token=token)).problem == "not-allowed"
    assert (await guarded.ask(ONE)).problem == "no-token", "with a provider nobody is answered without a token"


async def test_the_provider_is_asked_once_and_not_for_each_request(guarded: Shop, provider: IdentityProvider) -> None:
    for number in range(20):
        assert (await guarded.ask(ONE, token=provider.token(sub=f"user {number}"))).status == 200
    assert provider.asked == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": int(time.time()) - 40}, "expired"),
        ({"exp": None}, "does not say when it expires"),
        ({"exp": "soon"}, "exp is no time"),
        ({"nbf": int(time.time()) + 6000}, "not valid yet"),
        ({"aud": "another-service"}, "another audience"),
        ({"aud": ["a", "b"]}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"sub": None}, "names somebody"),
    ],
)
async def test_a_token_that_is_not_for_here_and_now_is_refused_with_the_reason(
    guarded: Shop, provider: IdentityProvider, changed: dict[str, Any], reason: str
) -> None:
    assert reason in why(await guarded.ask(ONE, token=provider.token(**changed)))


async def test_clocks_may_differ_by_the_skew(guarded: Shop, provider: IdentityProvider) -> None:
    now_s = int(time.time())
    assert (await guarded.ask(ONE, token=provider.token(exp=now_s - 10))).status == 200
    assert (await guarded.ask(ONE, token=provider.token(nbf=now_s + 10))).status == 200


async def test_an_audience_may_be_one_of_several(guarded: Shop, provider: IdentityProvider) -> None:
    assert (await guarded.ask(ONE, token=provider.token(aud=["other", AUDIENCE]))).status == 200


async def test_a_token_without_a_signature_is_refused(guarded: Shop) -> None:
    assert "kind" in why(await guarded.ask(ONE, token=unsigned_token("crm", 600)))


async def test_a_token_that_is_signed_with_the_public_key_as_a_secret_is_refused(
    guarded: Shop, provider: IdentityProvider
) -> None:
    assert "kind" in why(await guarded.ask(ONE, token=provider.by_public_key()))


async def test_a_token_of_another_key_with_the_id_of_a_known_one_is_refused(
    guarded: Shop, provider: IdentityProvider
) -> None:
    other = IdentityProvider()
    other.close()
    assert "signature is wrong" in why(await guarded.ask(ONE, token=other.token(iss=provider.issuer)))


async def test_a_token_whose_claims_were_changed_is_refused(guarded: Shop, provider: IdentityProvider) -> None:
    head, _, tail = provider.token().split(".")
    other = provider.token(sub="admin").split(".")[1]
    assert "signature is wrong" in why(await guarded.ask(ONE, token=f"{head}.{other}.{tail}"))


async def test_unknown_keys_are_looked_for_at_a_bounded_rate(
    shop: Shop, settings: Oidc, provider: IdentityProvider
) -> None:
    now_s = 100.0
    guard(shop, settings, lambda: now_s)
    for number in range(30):
        assert "no key of this id" in why(await shop.ask(ONE, token=provider.token(kid=f"unknown-{number}")))
    assert provider.asked == 1
    now_s += key_set.LEAST_S
    await shop.ask(ONE, token=provider.token(kid="unknown"))
    assert provider.asked == 2


async def test_a_rotated_key_is_taken_up_at_its_first_token_and_the_old_one_is_forgotten(
    shop: Shop, settings: Oidc, provider: IdentityProvider
) -> None:
    now_s = 100.0
    guard(shop, settings, lambda: now_s)
    before = provider.token()
    assert (await shop.ask(ONE, token=before)).status == 200
    provider.keys = [ECKey.generate_key("P-256", {"kid": "two"})]
    now_s += key_set.LEAST_S
    assert (await shop.ask(ONE, token=provider.token(alg="ES256"))).status == 200
    assert "no key of this id" in why(await shop.ask(ONE, token=before)), "also if it was remembered as good"


async def test_old_keys_are_renewed_beside_requests_and_stay_while_the_provider_is_away(
    shop: Shop, settings: Oidc, provider: IdentityProvider
) -> None:
    now_s = 100.0
    guard(shop, settings, lambda: now_s)
    token = provider.token()
    assert (await shop.ask(ONE, token=token)).status == 200
    provider.status = 500
    now_s += settings.keys_s + 1
    assert (await shop.ask(ONE, token=token)).status == 200
    for _ in range(100):
        if provider.asked == 2:
            break
        await asyncio.sleep(0.05)
    assert provider.asked == 2
    assert (await shop.ask(ONE, token=provider.token())).status == 200


async def test_a_token_that_was_good_is_judged_by_time_again(
    shop: Shop, settings: Oidc, provider: IdentityProvider
) -> None:
    clock_s = time.time()
    guard(shop, settings, clock_s=lambda: clock_s)
    token = provider.token()
    assert (await shop.ask(ONE, token=token)).status == 200
    assert shop.app._verifier.is_good(token), "so its streams stay open"  # type: ignore[attr-defined]
    clock_s += 700
    assert not shop.app._verifier.is_good(token)  # type: ignore[attr-defined]
    assert "expired" in why(await shop.ask(ONE, token=token))


async def test_keys_may_be_in_a_file_that_is_read_again(shop: Shop, provider: IdentityProvider, tmp_path: Path) -> None:
    path, now_s = tmp_path / "jwks.json", 100.0
    path.write_bytes(provider.document)
    guard(shop, Oidc(issuer=provider.issuer, audience=AUDIENCE, jwks_file=str(path)), lambda: now_s)
    assert (await shop.ask(ONE, token=provider.token())).status == 200
    provider.keys.append(RSAKey.generate_key(2048, {"kid": "two"}))
    path.write_bytes(provider.document)
    now_s += 2
    assert (await shop.ask(ONE, token=provider.token(key=1))).status == 200
    assert provider.asked == 0


async def test_a_mapping_says_what_values_of_a_claim_allow(shop: Shop, provider: IdentityProvider) -> None:
    oidc = Oidc(
        issuer=provider.issuer, audience=AUDIENCE, jwks_url=provider.jwks_url, scopes_claim="realm_access.roles",
        scopes=("support=profile:read:basic", "ops=metrics:read"),
    )  # fmt: skip
    guard(shop, oidc)
    token = provider.token(realm_access={"roles": ["support", "admin", "profile:read"]})
    seen = (await shop.ask(ONE, token=token)).json
    assert "segments" in seen and "spend" not in seen
    assert (await shop.ask("/metrics", token=token)).problem == "not-allowed"


async def test_admin_is_given_by_a_mapping_alone(guarded: Shop, provider: IdentityProvider) -> None:
    assert (await guarded.ask(ONE, token=provider.token(scope="admin"))).problem == "not-allowed"


async def test_tokens_of_the_service_are_good_as_before(guarded: Shop) -> None:
    own = guarded.tokens.create("own", ("profile:read",))
    assert (await guarded.ask(ONE, token=own)).status == 200


@pytest.mark.filterwarnings("ignore:Key size should be:joserfc.errors.SecurityWarning")
def test_shared_secrets_private_keys_weak_keys_and_keys_for_encryption_are_no_keys() -> None:
    keys: list[Any] = [
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True),
        RSAKey.generate_key(2048, {"kid": "private"}).as_dict(private=True),
        RSAKey.generate_key(1024, {"kid": "weak"}).as_dict(private=False),
        RSAKey.generate_key(2048, {"kid": "encryption", "use": "enc"}).as_dict(private=False),
        {"kty": "RSA", "kid": "broken"},
        {"kty": ["RSA"]},
        "none",
        ECKey.generate_key("P-256", {"kid": "good"}).as_dict(private=False),
    ]
    assert list(keys_of(json.dumps({"keys": keys}).encode())) == ["good"]


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"keys": 1}'])
def test_what_is_no_set_of_keys_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        keys_of(raw)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"audience": ""}, "audience is missing"),
        ({"jwks_url": ""}, "from one place"),
        ({"jwks_file": "keys.json"}, "from one place"),
        ({"jwks_url": "http://login.example.com/jwks"}, "with https"),
        ({"jwks_url": "file:///etc/passwd"}, "with https"),
        ({"scopes": ("crm",)}, "VALUE=SCOPE"),
        ({"scopes": ("crm=everything",)}, "VALUE=SCOPE"),
    ],
)
def test_settings_that_would_let_others_in_are_refused(changed: dict[str, Any], words: str) -> None:
    good = {"issuer": "https://login.example.com", "audience": AUDIENCE, "jwks_url": "https://login.example.com/jwks"}
    with pytest.raises(UserError, match=words):
        with_identity_provider(None, Oidc(**good | changed))  # type: ignore[arg-type]  # it is not asked


def test_without_an_issuer_nothing_stands_before_the_door(tmp_path: Path) -> None:
    door: Any = object()
    assert with_identity_provider(door, Oidc()) is door
    assert not Tokens(tmp_path / "tokens.json").any() and Tokens(tmp_path / "tokens.json", others=True).any()
