"""What a secured broker has beside it: its files, its users, and the issuer of access tokens."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from liveprofile.streams.broker import ports
from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.broker.process import RunningBroker
from liveprofile.streams.broker.security import certificates, issuer, scram
from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.broker.security.private_files import new_secret
from liveprofile.streams.broker.security.secured import SUPERUSER, Secured
from liveprofile.streams.transport.security.tls import broker_context

_ISSUER_WITHIN_S = 20.0


def make_files(files: Path, mechanism: Mechanism, issuer_port: int) -> str:
    """Make the certificates and keys that the broker starts with; returns the issuer's name, empty without one."""
    files.mkdir(exist_ok=True)
    files.chmod(0o700)
    certificates.ensure_authority(files)
    certificates.ensure_certificate(files, SUPERUSER)
    if mechanism is not Mechanism.OAUTHBEARER:
        return ""
    issuer.ensure_key(files)
    return issuer.issuer_url(issuer_port)


def secured(folder: Path, running: RunningBroker) -> Secured | None:
    """The users of a broker that runs; None if it is open."""
    if not running.mechanism:
        return None
    mechanism = Mechanism(running.mechanism)
    return Secured(folder, mechanism, running.port, running.internal_port, running.issuer_port)


def tls_context(folder: Path, running: RunningBroker) -> ssl.SSLContext | None:
    """How to ask a secured broker whether it is ready; None for an open one."""
    found = secured(folder, running)
    return broker_context(found.superuser.security) if found else None


def admit(folder: Path, running: RunningBroker | None, users: Sequence[str]) -> Secured:
    """Make the secret or certificate of each user, and tell the broker of those that need it."""
    found = secured(folder, running) if running else None
    if found is None:
        raise BrokerError(f"No secured broker runs in {folder}.", "Start one: liveprofile broker start --secure scram.")
    for user in users:
        found.make_files(user)
    if found.mechanism is Mechanism.SCRAM:
        passwords = {user: new_secret(found.files / f"{user}.password") for user in users}
        with ThreadPoolExecutor(1) as thread:  # the caller may have an event loop
            thread.submit(lambda: asyncio.run(scram.set_passwords(found.superuser, passwords))).result()
    return found


def start_issuer(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the issuer of tokens; it ends when no broker runs in `folder`. BrokerError if it does not listen."""
    with (folder / "logs" / "issuer.log").open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", issuer.__name__, str(folder), str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _ISSUER_WITHIN_S
    while ports.is_free(port):
        if started.poll() is not None or time.monotonic() > deadline:
            raise BrokerError(f"The issuer of access tokens does not listen on port {port}.", f"Read {output.name}.")
        time.sleep(0.05)
    return started
