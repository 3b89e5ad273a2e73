"""The page of the demo: a query service beside the worker, on a free port, with a sign-in where one is needed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from liveprofile.streams.broker.ports import is_free
from liveprofile.streams.cli.demo.children import Child, wait_for
from liveprofile.streams.cli.demo.processes import Starter
from liveprofile.streams.settings import Settings
from liveprofile.streams.transport.connection import Connection

PACKAGES = ("litestar", "uvicorn", "httptools", "rocksdict", "pyroaring")
"""Optional packages that the service needs."""
READY_S = 60.0
"""Longest wait for the service to have read the topics."""
TOKENS = "demo-tokens.json"
Page = Callable[[], str]
"""Waits for the service; returns the address of the page, empty if the service did not come up."""


@contextlib.contextmanager
def page_of(starter: Starter, connection: Connection, *, secure: bool) -> Iterator[Page]:
    """Start the service; it reads the topics while the worker starts. Without its packages there is no page.

    With `secure` nobody sees the page who has not the link that is printed.
    """
    settings, inform = starter.context.settings, starter.context.inform
    if (missing := next((name for name in PACKAGES if find_spec(name) is None), None)) is not None:
        inform(f"there is no page: the package {missing} is missing. Install it: pip install 'liveprofile[serve]'")
        yield lambda: ""
        return
    token: contextlib.AbstractContextManager[dict[str, str]] = contextlib.nullcontext({})
    with _own_token(settings) if secure else token as environment:
        ready = starter.children.logs / "serve.ready"
        ready.unlink(missing_ok=True)
        port = settings.serve.port
        if not is_free(port, settings.serve.host):
            inform(f"port {port} is taken: the page takes a free one")
            port = 0
        arguments = ("--port", str(port), "--ready-file", str(ready))
        child = starter.start(connection, "serve", *arguments, **environment)
        try:
            yield lambda: _address(starter, child, ready)
        finally:
            child.stop()  # before its token goes: without one it would answer whoever is on this machine


def _address(starter: Starter, child: Child, ready: Path) -> str:
    """Where the page is. A service that did not come up is stopped, and the demo goes on without."""
    inform = starter.context.inform
    if not wait_for(child, ready.exists, READY_S):
        child.stop()
        starter.children.alive.remove(child)
        said = child.end_of_log(1) or f"it was not ready after {READY_S:.0f} s"
        inform(f"there is no page: {said.strip()} (its log: {child.log})")
        return ""
    address = ready.read_text(encoding="utf-8")
    ready.unlink()
    once = " (this link signs in once)" if "once=" in address else ""
    inform(f"the page: {address}{once}")
    return address


@contextlib.contextmanager
def _own_token(settings: Settings) -> Iterator[dict[str, str]]:
    """A token while the demo runs, which nobody knows: so the page needs a sign-in, and the link is the only one.

    If there are tokens already, those are in force. Gives variables of the service's environment.
    """
    from liveprofile.streams.serve.auth.tokens import Tokens, tokens_path

    if Tokens(tokens_path(settings)).any():
        yield {}
        return
    path = settings.data_path / TOKENS
    path.unlink(missing_ok=True)
    Tokens(path).create("demo", ("admin",))
    try:
        yield {"LIVEPROFILE_SERVE__TOKENS_FILE": str(path)}
    finally:
        path.unlink(missing_ok=True)
