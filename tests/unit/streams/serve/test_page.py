"""The page's files and its front: small, of one piece, and no way for a shopper's text to become more than text."""

import re
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from support.serving import Answer, Shop

from liveprofile.streams.serve.auth.scopes import ADMIN
from liveprofile.streams.serve.page.files import Files
from liveprofile.streams.serve.page.front import Front
from liveprofile.streams.serve.page.sessions import Sessions

SITE = Path(str(files("liveprofile.streams.serve.page") / "site"))
OWN = sorted(one for one in SITE.rglob("*.js") if one.parent.name != "vendor")
MOST_FIRST_LOAD = 60 * 1024


@pytest.fixture
def front(shop: Shop) -> Shop:
    """A shop whose application has the page before its door."""
    shop.app = Front(shop.app, shop.tokens, Sessions(), Files())  # type: ignore[assignment]  # asked in the same way
    return shop


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(path.relative_to(SITE)))
def test_a_module_opens_with_a_sentence_and_makes_no_markup_from_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("/**") and len(text.splitlines()) < 300
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySet|\beval\(|new Function|srcdoc|https?://"
    )
    assert re.findall(forbidden, text) == []


def test_the_page_fetches_nothing_from_outside() -> None:
    outside = re.compile(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//")
    styles = (one for one in SITE.rglob("*.*") if one.suffix in (".html", ".css"))
    assert [one.name for one in styles if outside.search(one.read_text(encoding="utf-8"))] == []


def test_the_first_load_is_small_and_asked_for_at_once() -> None:
    page = Files()
    index = page.find("/")
    assert index is not None
    asked_for = re.findall(r'href="(/page/[^"]+)"', index.body.decode())
    assert [one.rpartition("/")[2] for one in asked_for if "vendor" in one] == ["vendor.js"]
    found = [index, *filter(None, map(page.find, asked_for))]
    assert len(found) == len(asked_for) + 1
    assert sum(len(one.packed) for one in found) <= MOST_FIRST_LOAD


async def test_the_page_is_there_without_a_token_and_its_files_are_kept_by_their_digest(front: Shop) -> None:
    front.tokens.create("risk", ("anomaly:read",))
    index = await front.ask("/")
    assert index.status == HTTPStatus.OK and "script-src 'self'" in index.headers["content-security-policy"]
    main = re.search(r'src="(/page/[^"]+/main\.js)"', index.body.decode())
    assert main is not None
    script = await front.ask(main[1])
    assert script.headers["cache-control"].endswith("immutable") and script.body.startswith(b"/**")
    known = {"if-none-match": script.headers["etag"]}
    assert (await front.ask(main[1], headers=known)).status == HTTPStatus.NOT_MODIFIED
    other = await front.ask("/page/of-another-release/main.js")
    assert other.headers["cache-control"] == "no-cache" and other.body == script.body


@pytest.mark.parametrize(
    "path", ["/page/x/vendor/vendor.d.ts", "/page/x/../files.py", "/page/x/%2e%2e/front.py", "/page/"]
)
async def test_nothing_but_the_site_is_served(front: Shop, path: str) -> None:
    assert (await front.ask(path)).status == HTTPStatus.NOT_FOUND


async def signed_in(front: Shop, body: dict[str, str], **headers: str) -> Answer:
    """The answer of a sign-in."""
    return await front.ask("/session", method="POST", body=body, headers=headers)


async def test_a_token_becomes_a_cookie_that_no_script_reads_and_ends_with_the_token(front: Shop) -> None:
    token = front.tokens.create("risk", ("anomaly:read",))
    assert (await front.ask("/v1/anomalies")).status == HTTPStatus.UNAUTHORIZED
    answer = await signed_in(front, {"token": token})
    cookie = answer.headers["set-cookie"]
    assert answer.status == HTTPStatus.NO_CONTENT and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    mine = {"cookie": cookie.partition(";")[0]}
    assert (await front.ask("/v1/anomalies", headers=mine)).status == HTTPStatus.OK
    assert (await front.ask("/v1/models", headers=mine)).problem == "not-allowed"
    front.tokens.revoke("risk")
    front.tokens.create("other", ("anomaly:read",))
    assert (await front.ask("/v1/anomalies", headers=mine)).status == HTTPStatus.UNAUTHORIZED


async def test_a_link_signs_in_once(front: Shop) -> None:
    front.tokens.create("risk", (ADMIN,))
    app: Any = front.app
    link = app.sessions.link()
    first = await signed_in(front, {"once": link})
    assert first.status == HTTPStatus.NO_CONTENT
    assert (await signed_in(front, {"once": link})).problem == "no-token"
    mine = {"cookie": first.headers["set-cookie"].partition(";")[0]}
    assert (await front.ask("/v1/models", headers=mine)).status == HTTPStatus.OK
    out = await front.ask("/session", method="DELETE", headers=mine)
    assert "Max-Age=0" in out.headers["set-cookie"]


async def test_another_site_cannot_use_the_cookie_to_change_anything(front: Shop) -> None:
    token = front.tokens.create("risk", (ADMIN,))
    mine = {"cookie": f"liveprofile={token}", "sec-fetch-site": "cross-site"}
    path = "/v1/anomalies/7/verdict"
    assert (await front.ask(path, method="POST", body={"verdict": "real"}, headers=mine)).problem == "no-token"
    assert (await signed_in(front, {"token": token}, **{"sec-fetch-site": "cross-site"})).problem == "wrong-host"


@pytest.mark.parametrize("body", [{}, {"token": "lp_wrong"}, {"once": "guess"}])
async def test_a_wrong_sign_in_is_refused(front: Shop, body: dict[str, str]) -> None:
    assert (await signed_in(front, body)).problem == "no-token"


@pytest.mark.parametrize("body", [b"[", b'{"token":1}', b"x" * 5000])
async def test_a_sign_in_that_is_none_is_refused(front: Shop, body: bytes) -> None:
    assert (await front.ask("/session", method="POST", body=body)).problem == "bad-request"
