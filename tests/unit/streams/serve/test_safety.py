"""Who may read what: tokens, hosts, limits, and the audit."""

from pathlib import Path

import pytest
from support.serving import Shop, snapshot
from support.serving_fakes import TOPICS, profile_id

from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.state.row import PATHS
from liveprofile.streams.errors import UserError
from liveprofile.streams.serve.auth.groups import FIELDS, group_of_path
from liveprofile.streams.serve.auth.tokens import Tokens
from liveprofile.streams.serve.server import require_safe
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.serve import Serve

ONE = f"/v1/profiles/{profile_id(1)}"


async def test_without_tokens_only_this_machine_by_its_own_name_is_answered(shop: Shop) -> None:
    assert (await shop.ask("/v1/meta", headers={"host": "127.0.0.1:8321"})).status == 200
    assert (await shop.ask("/v1/meta", headers={"host": "shop.example.com"})).problem == "wrong-host"


async def test_as_soon_as_there_is_a_token_every_request_needs_one(shop: Shop) -> None:
    token = shop.tokens.create("crm", ("profile:read",))
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    refused = await shop.ask(ONE)
    assert refused.problem == "no-token" and refused.headers["www-authenticate"].startswith("Bearer")
    assert (await shop.ask(ONE, token=token)).status == 200
    assert (await shop.ask(ONE, token="lp_" + "A" * 43)).problem == "no-token"
    assert (await shop.ask(ONE, token="short")).problem == "no-token"
    shop.tokens.revoke("crm")
    shop.tokens.create("other", ("admin",))
    assert (await shop.ask(ONE, token=token)).problem == "no-token"


async def test_a_token_without_a_scope_is_told_which_one_it_needs(shop: Shop) -> None:
    token = shop.tokens.create("marketing", ("segment:read",))
    found = await shop.ask("/v1/anomalies", token=token)
    assert found.problem == "not-allowed" and found.json["scope"] == "anomaly:read"
    assert (await shop.ask("/v1/segments", token=token)).status == 200


async def test_too_many_requests_are_refused_with_the_time_to_wait(tmp_path: Path) -> None:
    shop = Shop(tmp_path, requests_per_s=3)
    answers = [await shop.ask("/v1/meta") for _ in range(5)]
    assert answers[0].headers["ratelimit-policy"] == '"requests";q=3;w=1'
    assert answers[0].headers["ratelimit"].startswith('"requests";r=2;')
    assert answers[-1].problem == "too-many-requests" and int(answers[-1].headers["retry-after"]) >= 1
    shop.store.close()


async def test_every_answer_forbids_what_a_page_of_another_site_would_need(shop: Shop) -> None:
    for path in ("/v1/meta", "/v1/nowhere", "/livez"):
        headers = (await shop.ask(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff" and headers["request-id"]
        assert "access-control-allow-origin" not in headers


async def test_the_audit_names_token_route_profile_and_fields_and_no_value(shop: Shop) -> None:
    token = shop.tokens.create("crm", ("profile:read",))
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    await shop.ask(f"{ONE}?fields=spend", token=token)
    call = shop.audited[-1]
    assert (call.who.name, call.route) == ("crm", "/v1/profiles/{profile_id}")
    assert (call.profiles, call.fields) == ([profile_id(1)], ("spend",))


def test_the_file_of_tokens_has_no_token_and_is_its_owners_alone(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.json")
    token = tokens.create("crm", ("profile:read:basic",))
    assert token not in tokens.path.read_text() and token[3:] not in tokens.path.read_text()
    assert tokens.path.stat().st_mode & 0o077 == 0
    again = Tokens(tokens.path).principal(token)
    assert again is not None and again.groups == {"basic"}


@pytest.mark.parametrize("name, scopes", [("Crm!", ("admin",)), ("crm", ()), ("crm", ("profile:write",))])
def test_a_token_with_a_wrong_name_or_scope_is_refused(tmp_path: Path, name: str, scopes: tuple[str, ...]) -> None:
    with pytest.raises(UserError):
        Tokens(tmp_path / "tokens.json").create(name, scopes)


def test_on_another_address_it_starts_only_with_a_token_and_tls(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.json")
    away = Settings(serve=Serve(host="0.0.0.0"))
    with pytest.raises(UserError, match="there is no token"):
        require_safe(away, tokens)
    tokens.create("crm", ("admin",))
    with pytest.raises(UserError, match="without TLS"):
        require_safe(away, tokens)
    require_safe(Settings(serve=Serve(host="0.0.0.0", allow_plaintext=True)), tokens)
    require_safe(Settings(serve=Serve(host="0.0.0.0", certificate_file="c.pem", key_file="k.pem")), tokens)
    require_safe(Settings(), Tokens(tmp_path / "none.json"))


def test_every_field_of_a_snapshot_and_every_path_of_a_change_is_in_a_group() -> None:
    assert set(ProfileSnapshot.__struct_fields__) == FIELDS.keys()
    assert all(group_of_path(path) for path in PATHS)
