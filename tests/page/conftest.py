"""The page in a real browser, before a real service on a real Kafka."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from support.page_shop import fill
from support.served import Served

from liveprofile.streams.broker import Broker

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser; a loud skip, with what to install, where there is none.

    It ends with its file: as long as Playwright runs, its event loop occupies this thread, and no asynchronous test of
    another file could run in the process.
    """
    path = os.environ.get("LIVEPROFILE_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip("THE PAGE IS NOT TESTED: no Chromium. Install it: apt-get install chromium")
    api = pytest.importorskip(
        "playwright.sync_api", reason="THE PAGE IS NOT TESTED: pip install playwright (it is in the extra dev)"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(chromium: Any, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service, filled with a small shop."""
    made = Served(broker, tmp_path_factory.mktemp("page"))
    fill(made)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def page(chromium: Any, served: Served) -> Iterator[Any]:
    """A page of a browser of its own. It fails the test for an error that the page's own code made."""
    context = chromium.new_context(viewport={"width": 1440, "height": 960})
    found = context.new_page()
    errors: list[str] = []
    found.on("pageerror", lambda error: errors.append(str(error)))
    found.on("dialog", lambda dialog: errors.append(f"a dialog opened: {dialog.message}"))
    yield found
    context.close()
    assert errors == []
