"""Which brokers of the suite are secured, and the users that the product has on them."""

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from liveprofile.streams.admin.acls.apply import set_rights
from liveprofile.streams.admin.acls.grant import Grant, Operation, PatternType, ResourceType
from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.broker.security.secured import SUPERUSER, Secured
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.transport.connection import Bootstrap, Connection
from support.paths import ROOT

ASKED = "LIVEPROFILE_TEST_SECURE"
"""The variable that asks for secured brokers: scram, oauthbearer or mtls."""
MECHANISM = "TESTS_SECURED"
"""The same for processes of tests: to commands, variables that begin with LIVEPROFILE_ are settings."""
REGISTRY = "TESTS_SECURED_BROKERS"
"""The variable with the folder of this session's secured brokers; processes of tests inherit it."""


needs_sight_of_others = pytest.mark.skipif(
    f"os.environ.get({MECHANISM!r})",  # as text it is judged when a test begins: it is set after this import
    reason="SKIPPED WITH EXACT RIGHTS: who is of one application does not see the lineage of another",
)


def without_blindness(stderr: str) -> str:
    """What a command says on standard error, but for the warning of those who do not see other applications."""
    said = stderr.splitlines(keepends=True)
    return "".join(line for line in said if "not checked whether another application" not in line)


class SuiteBroker(Broker):
    """A secured broker with an open listener for tests: `bootstrap` is that one's address."""

    def __init__(self, folder: Path | str, **options: object) -> None:
        port = free_port()
        given = dict(options.pop("properties", None) or {})  # type: ignore[call-overload]
        properties = {"super.users": f"User:{SUPERUSER};User:ANONYMOUS"} | given
        mechanism = Mechanism(os.environ[MECHANISM])
        super().__init__(folder, proxied={port: port}, properties=properties, secure=mechanism, **options)  # type: ignore[arg-type]
        (Path(os.environ[REGISTRY]) / str(port)).write_text(str(self.folder))
        self._open_port = port

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._open_port}"


def startup_path() -> str:
    """The PYTHONPATH of a process that a test starts: with it the product in that process is led, too."""
    folders = (ROOT / "tests" / "support" / "secured" / "startup", ROOT, ROOT / "tests")
    return os.pathsep.join(map(str, folders))


def suite_broker(folder: Path | str, **options: object) -> Broker:
    """A broker for tests: a secured one where the session asks for it."""
    made = SuiteBroker if os.environ.get(MECHANISM) else Broker
    return made(folder, **options)  # type: ignore[arg-type]


def secured_at(address: Bootstrap) -> Secured | None:
    """The users of the broker with this open address; None for any other one, and for a connection with a user."""
    if not isinstance(address, str):
        return None
    port = address.rpartition(":")[2]
    entry = Path(os.environ.get(REGISTRY, "/nowhere")) / port
    return Broker(entry.read_text()).secured if port.isdigit() and entry.exists() else None


def as_user(address: Bootstrap, name: str, grants: Sequence[Grant]) -> Connection | None:
    """The connection of a user with exactly these rights; None where the broker is open."""
    secured = secured_at(address)
    if secured is None:
        return None
    user = name if len(name) < 60 else f"{name[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    has, wanted = secured.files / f"{user}.rights", msgspec.json.encode(sorted(grants))
    with (secured.files / f"{user}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not has.exists() or has.read_bytes() != wanted:
            Broker(secured.folder).admit([user])
            with ThreadPoolExecutor(1) as thread:
                work = set_rights(secured.superuser, {f"User:{user}": grants})
                thread.submit(lambda: asyncio.run(work)).result()
            has.write_bytes(wanted)
    return secured.connection(user)


def in_roles(address: str, roles: Iterable[str], topics: Topics, groups: Sequence[str] = ()) -> Connection | None:
    """The connection of a user with what `liveprofile acls` prints for the roles; None where the broker is open."""
    if secured_at(address) is None:
        return None
    chosen = sorted(str(getattr(role, "value", role)) for role in roles)
    return as_user(address, "-".join((topics.group, *chosen, *groups)).lower(), printed(chosen, topics, groups))


def printed(roles: Sequence[str], topics: Topics, groups: Sequence[str] = ()) -> list[Grant]:
    """What `liveprofile acls --format json` prints, read back."""
    from click.testing import CliRunner

    from liveprofile.streams.cli.main import main

    words = [word for role in roles for word in ("--role", role)] + [
        word for group in groups for word in ("--group", group)
    ]
    names = {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PREFIX_INTERNAL_TOPICS": str(topics.prefix_internal).lower(),
    }
    with ThreadPoolExecutor(1) as thread:  # another thread has no click context of a command under way
        done = thread.submit(lambda: CliRunner().invoke(main, ["acls", *words, "--format", "json"], env=names)).result()
    assert done.exit_code == 0, done.output
    return [
        Grant(
            ResourceType(one["resource_type"]),
            one["name"],
            PatternType(one["pattern_type"]),
            tuple(Operation(operation) for operation in one["operations"]),
        )
        for one in msgspec.json.decode(done.stdout)
    ]
