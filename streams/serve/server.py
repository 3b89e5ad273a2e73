"""Runs the service: store, follower and interface in one process, until a signal or a failure of the follower."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import structlog
import uvicorn

from liveprofile.streams.errors import UserError
from liveprofile.streams.serve.api.app import application
from liveprofile.streams.serve.api.audit import Auditor
from liveprofile.streams.serve.api.bearer import Bearer
from liveprofile.streams.serve.api.door import Door, House
from liveprofile.streams.serve.auth.key_set import KeySource
from liveprofile.streams.serve.auth.limits import Limits
from liveprofile.streams.serve.auth.oidc import Verifier
from liveprofile.streams.serve.auth.tokens import Tokens, tokens_path
from liveprofile.streams.serve.follow.follower import CatchUp, Follower
from liveprofile.streams.serve.follow.waiting import Waiting
from liveprofile.streams.serve.follow.writer import Writer
from liveprofile.streams.serve.page.files import Files
from liveprofile.streams.serve.page.front import Front
from liveprofile.streams.serve.page.sessions import Sessions
from liveprofile.streams.serve.push.hub import Hub
from liveprofile.streams.serve.rules.publisher import Publisher
from liveprofile.streams.serve.service import PseudonymOf, Service
from liveprofile.streams.serve.status import Lookout
from liveprofile.streams.serve.store.similar import Directions
from liveprofile.streams.serve.store.store import Store
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.oidc import Oidc
from liveprofile.streams.transport.connection import Bootstrap
from liveprofile.streams.transport.security.cleartext import is_loopback

log = structlog.get_logger(__name__)

WATCH_S = 0.2
DRAIN_S = 5
"""Time that open requests have when the service ends."""
Report = Callable[[CatchUp], None]


def store_path(settings: Settings) -> Path:
    """The folder of the store."""
    return Path(settings.serve.data_dir) if settings.serve.data_dir else settings.data_path / "serve"


def require_safe(settings: Settings, tokens: Tokens) -> None:
    """UserError if profiles could be read from other machines without a token, or on the way."""
    serve = settings.serve
    if is_loopback(serve.host):
        return
    if not tokens.any():
        raise UserError(
            f"serve.host = {serve.host} lets other machines read all profiles, and there is no token.",
            "Make one first: liveprofile token create NAME --scope profile:read; or set serve.host = 127.0.0.1.",
        )
    if not serve.certificate_file and not serve.allow_plaintext:
        raise UserError(
            f"serve.host = {serve.host} without TLS: anybody on the network between can read profiles and tokens.",
            "Set serve.certificate_file and serve.key_file; or, behind a proxy that has TLS, serve.allow_plaintext = "
            "true (LIVEPROFILE_SERVE__ALLOW_PLAINTEXT=true).",
        )


def listening(settings: Settings) -> socket.socket:
    """The socket, bound before anything is read. UserError where the address is taken, or another's."""
    host, port = settings.serve.host, settings.serve.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(1024)
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            f"Cannot listen on {host}:{port}: {reason}.",
            "Stop what listens there, or choose another port: --port, serve.port; 0 takes a free one.",
        ) from None
    return bound


def new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's event loop, or Python's own where there is none."""
    if find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    return cast("asyncio.AbstractEventLoop", import_module("uvloop").new_event_loop())


def with_identity_provider(door: Door, oidc: Oidc) -> Door | Bearer:
    """The door, behind a judge of access tokens if the settings name an issuer. UserError for wrong ones."""
    return Bearer(door, Verifier(oidc, KeySource(oidc))) if oidc.issuer else door


class Serving:
    """The parts of a running service."""

    def __init__(self, settings: Settings, bootstrap: Bootstrap, pseudonym_of: PseudonymOf | None) -> None:
        serve = settings.serve
        self.tokens = Tokens(tokens_path(settings), others=bool(serve.oidc.issuer))
        require_safe(settings, self.tokens)
        store = Store(store_path(settings), cache_mb=serve.cache_mb, half_life_s=settings.items.half_life_s)
        self.hub = Hub(settings.topics, bootstrap, serve.clients)
        follower = Follower(
            store,
            bootstrap,
            settings.topics,
            history_days=serve.history_days,
            on_facts=self.hub.take,
            on_progress=lambda: self.service.waiting.wake(),
        )
        writer = Writer(bootstrap)
        waiting = Waiting(follower.reached, follower.inputs)
        directions = Directions(store, serve.similar_most_profiles)
        publisher = Publisher(bootstrap, settings.topics, settings.profile.policy.dims)
        self.service = Service(
            settings,
            bootstrap,
            store,
            follower,
            self.hub,
            waiting,
            directions,
            writer,
            publisher,
            Lookout(bootstrap, settings.topics),
            pseudonym_of,
        )
        self.auditor = Auditor(writer, settings.topics.audit)
        door = application(
            self.service,
            House(self.tokens, Limits(serve.requests_per_s), serve.most_body_bytes, self.auditor.note),
        )
        self.sessions = Sessions()
        self.app = Front(with_identity_provider(door, serve.oidc), self.tokens, self.sessions, Files())

    def page_path(self) -> str:
        """The path of the page; with a link that signs in once, where a token is needed."""
        return f"/#/sign-in?once={self.sessions.link()}" if self.tokens.any() else "/"

    def start(self) -> None:
        """Begin to follow; in the event loop."""
        self.hub.start(asyncio.get_running_loop(), self.service.follower)
        self.auditor.start()
        self.service.follower.start()

    async def stop(self) -> None:
        """End, with everything durable."""
        self.hub.stop()
        await self.auditor.stop()
        await self.service.writer.close()
        await self.service.lookout.close()
        await asyncio.to_thread(self.service.follower.stop)
        self.service.store.close()


async def run(serving: Serving, bound: socket.socket, report: Report, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM. Raises what ended the follower."""
    serve = serving.service.settings.serve
    config = uvicorn.Config(
        serving.app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=DRAIN_S,
        ssl_certfile=serve.certificate_file or None,
        ssl_keyfile=serve.key_file or None,
    )
    server = _Server(config)
    loop, follower = asyncio.get_running_loop(), serving.service.follower
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.ask_to_end)
    serving.start()
    serving_task = asyncio.create_task(server.serve(sockets=[bound]))
    said_ready = False
    try:
        while not serving_task.done():
            if not follower.alive:
                server.ask_to_end()
                break
            if not follower.ready.is_set():
                report(follower.progress())
            elif not said_ready:
                said_ready = True
                ready()
            await asyncio.wait((serving_task,), timeout=WATCH_S)
        serving.hub.stop()
        await serving_task
    finally:
        await serving.stop()
    if follower.failure is not None:
        raise follower.failure


class _Server(uvicorn.Server):
    """Signals are the caller's, who has to end more than the server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield

    def ask_to_end(self) -> None:
        """End after the open requests; asked again, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
