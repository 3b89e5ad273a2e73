"""A secured broker's folder of users: how each of them connects, and where its secret is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.broker.security import certificates
from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.broker.security.private_files import new_secret, write_private
from liveprofile.streams.transport.connection import Connection
from liveprofile.streams.transport.security.settings import Security

SUPERUSER = "superuser"
"""The user whom nothing is denied: the broker itself, and whoever manages users and rights. It has a certificate."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class Secured:
    """The users of the broker in `folder`, which has the listeners at these ports."""

    folder: Path
    mechanism: Mechanism
    port: int
    internal_port: int
    """The listener of the broker itself and of the superuser: it takes certificates, whatever the mechanism."""
    issuer_port: int = 0

    @property
    def files(self) -> Path:
        """The folder of certificates and secrets."""
        return files_of(self.folder)

    @property
    def superuser(self) -> Connection:
        """The connection of the superuser."""
        return Connection(f"127.0.0.1:{self.internal_port}", self._by_certificate(SUPERUSER))

    def connection(self, user: str) -> Connection:
        """The connection of a user that was made by `make_files`."""
        return Connection(f"127.0.0.1:{self.port}", self._security(user))

    def make_files(self, user: str) -> None:
        """Make the user's secret or certificate unless it is there, and its settings file. BrokerError for its name."""
        if not _NAME.fullmatch(user):
            raise BrokerError(
                f"{user!r} cannot be a user of the embedded broker.",
                "Take up to 63 small letters, digits, dots, hyphens and underscores, a letter or digit first.",
            )
        if self.mechanism is Mechanism.MTLS:
            certificates.ensure_certificate(self.files, user)
        else:
            new_secret(self.files / f"{user}.password")
        write_private(self.settings_file(user), self.settings(self.connection(user)).encode())

    def settings_file(self, user: str) -> Path:
        """The settings file of a user, for `liveprofile --config`."""
        return self.files / f"{user}.toml"

    def settings(self, connection: Connection) -> str:
        """The settings that make this connection. They name files and hold no secret."""
        return f'bootstrap = "{connection}"\n\n[kafka]\n' + "".join(
            f"{name} = {_quoted(value)}\n" for name, value in given(connection.security).items()
        )

    def _security(self, user: str) -> Security:
        if self.mechanism is Mechanism.MTLS:
            return self._by_certificate(user)
        ca_file, secret = str(self.files / "ca.pem"), str(self.files / f"{user}.password")
        if self.mechanism is Mechanism.SCRAM:
            return Security(
                security_protocol="SASL_SSL",
                sasl_mechanism="SCRAM-SHA-512",
                username=user,
                password_file=secret,
                ca_file=ca_file,
            )
        return Security(
            security_protocol="SASL_SSL",
            sasl_mechanism="OAUTHBEARER",
            token_url=f"http://127.0.0.1:{self.issuer_port}/token",
            client_id=user,
            client_secret_file=secret,
            ca_file=ca_file,
        )

    def _by_certificate(self, user: str) -> Security:
        return Security(
            security_protocol="SSL",
            ca_file=str(self.files / "ca.pem"),
            certificate_file=str(self.files / f"{user}.pem"),
            key_file=str(self.files / f"{user}.key"),
        )


def files_of(folder: Path) -> Path:
    """The folder of certificates and secrets of a broker's folder."""
    return folder / "security"


def given(security: Security) -> dict[str, str]:
    """The settings that are not the default, by name; all of them are texts here."""
    default = Security()
    return {
        name: getattr(security, name)
        for name in security.__struct_fields__
        if getattr(security, name) != getattr(default, name)
    }


def _quoted(text: str) -> str:
    """A basic string of TOML.

    >>> _quoted('C:\\\\"data"')
    '"C:\\\\\\\\\\\\"data\\\\""'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
