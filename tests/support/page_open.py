"""Opens views of the page in a test."""

import time
from typing import Any

from support.served import Served


def opened(page: Any, served: Served, address: str) -> Any:
    """A view, when nothing of it loads any more."""
    page.goto("about:blank")
    page.goto(served.url + address)
    loaded(page)
    return page


def loaded(page: Any) -> None:
    """Wait until nothing of the view loads. The page's policy allows no function of a test in it."""
    page.locator("main .panel").first.wait_for()
    deadline = time.monotonic() + 30
    while page.locator("main .loading").count():
        assert time.monotonic() < deadline, "a panel still loads"
        time.sleep(0.05)
