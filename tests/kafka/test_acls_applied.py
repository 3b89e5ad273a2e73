"""What `liveprofile acls` prints is taken by Kafka's own tool, and makes the rights that it names."""

import asyncio
import hashlib
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from liveprofile.streams.admin.acls.apply import rights_of, set_rights
from liveprofile.streams.admin.acls.grant import Grant
from liveprofile.streams.admin.acls.kafka_acls import kafka_acls
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.jar import Jar
from liveprofile.streams.broker.jars import USER_CACHE, jars_folder
from liveprofile.streams.broker.java import find_java
from liveprofile.streams.broker.maven import fetch_with_jgo
from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.broker.security.secured import SUPERUSER, Secured
from liveprofile.streams.contract.topics import Topics

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

TOOL = Jar(
    "org.apache.kafka",
    "kafka-tools",
    "4.3.1",
    "62f3c5dd7aa3442d4c5bc6a95f86e2502178ea09de8e27f74d9563bf955e253c",
    698668,
)
"""The jar of Kafka's command-line tools: the broker does without it."""


@pytest.fixture(scope="module")
def tool() -> Path:
    """The jar, fetched once into the user's cache and checked."""
    place = USER_CACHE.expanduser() / "tests" / TOOL.filename
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            fetched = fetch_with_jgo(TOOL, place.parent / "maven")
        except Exception as problem:
            pytest.skip(f"SKIPPED FOR WANT OF {TOOL.filename}, which could not be fetched: {problem}")
        fetched.rename(place)
    assert hashlib.sha256(place.read_bytes()).hexdigest() == TOOL.sha256
    return place


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("acls"), secure=Mechanism.SCRAM) as running:
        yield running


def of_each_kind(grants: Sequence[Grant]) -> list[Grant]:
    """One grant of each type of resource and pattern: a JVM starts for each line."""
    return list({(one.resource_type, one.pattern_type): one for one in grants}.values())


def as_superuser(secured: Secured) -> Path:
    """The file for `--command-config`."""
    files = secured.files
    lines = {
        "security.protocol": "SSL",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": files / "ca.pem",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": files / f"{SUPERUSER}.store.pem",
    }
    path = files / "tool.properties"
    path.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    return path


def test_the_commands_make_exactly_the_rights_that_they_are_printed_for(broker: Broker, tool: Path) -> None:
    secured = broker.secured
    assert secured is not None
    grants = of_each_kind(rights([Role.PROFILE], Topics("acls", prefix="shop-")))
    assert len(grants) == 4
    printed = kafka_acls(grants, "User:profile", "*", secured.superuser.bootstrap)
    java = [str(find_java()), "-cp", f"{tool}:{jars_folder()}/*", "org.apache.kafka.tools.AclCommand"]
    for line in printed.splitlines():
        first, *words = shlex.split(line)
        assert first == "kafka-acls.sh"
        command = [*java, *words, "--command-config", str(as_superuser(secured))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90)
        assert done.returncode == 0, done.stdout + done.stderr
    assert asyncio.run(rights_of(secured.superuser, "User:profile")) == tuple(sorted(grants))


def test_rights_are_set_to_what_is_given_and_what_is_more_is_taken_away(broker: Broker) -> None:
    secured = broker.secured
    assert secured is not None
    for role in (Role.ADMIN, Role.READER):
        given = rights([role], Topics("acls"))
        asyncio.run(set_rights(secured.superuser, {"User:somebody": given}))
        assert asyncio.run(rights_of(secured.superuser, "User:somebody")) == given
