"""Headers that every answer has, by the standards that they follow."""

import re

import pytest
from support.serving import Shop, snapshot
from support.serving_fakes import TOPICS, profile_id

ONE = f"/v1/profiles/{profile_id(1)}"
PATHS = (ONE, f"{ONE}?fields=spend", "/v1/meta", "/v1/segments", "/v1/no-such-page", "/v1/openapi.json")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize("path", PATHS)
async def test_an_answer_says_what_is_left_how_long_it_took_and_that_nobody_keeps_it(shop: Shop, path: str) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    headers = (await shop.ask(path)).headers
    assert re.fullmatch(r'"requests";q=\d+;w=1', headers["ratelimit-policy"])
    assert re.fullmatch(r'"requests";r=\d+;t=[01]', headers["ratelimit"])
    assert re.fullmatch(r"app;dur=\d+\.\d\d", headers["server-timing"])
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "require-trusted-types-for 'script'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", PATHS)
async def test_an_answer_goes_on_with_the_trace_of_its_request_in_a_span_of_its_own(shop: Shop, path: str) -> None:
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1))
    headers = (await shop.ask(path, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})).headers
    found = re.fullmatch(rf"00-{TRACE}-([0-9a-f]{{16}})-01", headers["traceparent"])
    assert found is not None and found[1] != SPAN
    assert headers["request-id"] == TRACE


async def test_a_request_id_of_the_callers_is_kept_beside_the_trace(shop: Shop) -> None:
    sent = {"traceparent": f"00-{TRACE}-{SPAN}-00", "request-id": "mine-1"}
    headers = (await shop.ask("/v1/meta", headers=sent)).headers
    assert headers["request-id"] == "mine-1" and headers["traceparent"].startswith(f"00-{TRACE}-")


@pytest.mark.parametrize(
    "given",
    [
        "", "00", f"00-{TRACE}-{SPAN}", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01-more", f"00-{TRACE}-{SPAN}-01\u00e4",
    ],
)  # fmt: skip
async def test_a_traceparent_that_is_none_is_passed_over(shop: Shop, given: str) -> None:
    headers = (await shop.ask("/v1/meta", headers={"traceparent": given})).headers
    assert "traceparent" not in headers and headers["request-id"] != TRACE


async def test_a_traceparent_of_a_later_version_may_have_more_fields(shop: Shop) -> None:
    headers = (await shop.ask("/v1/meta", headers={"traceparent": f"01-{TRACE}-{SPAN}-01-more"})).headers
    assert headers["traceparent"].startswith(f"00-{TRACE}-")


async def test_without_a_trace_none_is_begun(shop: Shop) -> None:
    assert "traceparent" not in (await shop.ask("/v1/meta")).headers


async def test_the_log_of_a_failure_has_the_trace(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> dict[str, int]:
        raise RuntimeError("broken")

    monkeypatch.setattr(type(shop.store.profiles), "kind_sizes", lambda profiles: broken())
    answer = await shop.ask("/v1/meta", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    assert answer.problem == "internal"
    told = capsys.readouterr()
    assert TRACE in told.out + told.err


async def test_nothing_is_deprecated_so_no_answer_says_so(shop: Shop) -> None:
    description = (await shop.ask("/v1/openapi.json")).json
    operations = [one for path in description["paths"].values() for one in path.values()]
    assert operations and not [one for one in operations if one.get("deprecated")], "send Deprecation and Sunset"
    for path in PATHS:
        headers = (await shop.ask(path)).headers
        assert not {"deprecation", "sunset"} & headers.keys()
