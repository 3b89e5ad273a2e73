"""Gives users of a running broker their passwords (SCRAM-SHA-512, RFC 5802), as the superuser.

Kafka's own tools take a password as an argument, which every process of the machine can read. Here the broker gets a
salted one over TLS, and nothing gets the password itself.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.transport.connection import Connection, client_arguments
from liveprofile.streams.transport.private_hooks.of_aiokafka import ask

_API_KEY = 51
_SHA_512 = 2
"""Kafka's number of the mechanism SCRAM-SHA-512."""
_ITERATIONS = 8192
_SALT_BYTES = 24


async def set_passwords(superuser: Connection, passwords: Mapping[str, str]) -> None:
    """Give each user its password, an earlier one of the same user is replaced. BrokerError if the broker refuses."""
    if not passwords:
        return
    admin = AIOKafkaAdminClient(**client_arguments(superuser))
    await admin.start()
    try:
        response = await ask(admin, _AlterScram([_upsertion(user, text) for user, text in passwords.items()]))
    finally:
        await admin.close()
    for user, code, message, _ in response.results:
        if code:
            raise BrokerError(f"The broker does not take the user {user}: {message} ({code}).", "Look at its log.")


def _upsertion(user: str, password: str) -> tuple[Any, ...]:
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return user, _SHA_512, _ITERATIONS, salt, salted, {}


class _AlterScramResponse(Response):  # type: ignore[misc]  # aiokafka is taken as untyped
    """AlterUserScramCredentialsResponse v0 of Kafka's protocol."""

    API_KEY = _API_KEY
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterScramStruct(RequestStruct):  # type: ignore[misc]  # aiokafka is taken as untyped
    """AlterUserScramCredentialsRequest v0."""

    FLEXIBLE_VERSION = True
    API_KEY = _API_KEY
    API_VERSION = 0
    RESPONSE_TYPE = _AlterScramResponse
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )

    def __repr__(self) -> str:
        """Clients log requests: no salted password."""
        return f"AlterUserScramCredentialsRequest_v{self.API_VERSION}"


class _AlterScram(Request[_AlterScramStruct]):  # type: ignore[misc]  # aiokafka is taken as untyped
    """The request without deletions."""

    API_KEY = _API_KEY

    def __init__(self, upsertions: list[tuple[Any, ...]]) -> None:
        self._upsertions = upsertions

    def build(self, struct: type[_AlterScramStruct]) -> _AlterScramStruct:
        return struct([], self._upsertions, {})
