"""What a connection authenticates with, from the settings `[kafka]` and the files that they name as they are now."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from liveprofile.streams.errors import UserError
from liveprofile.streams.file_version import FileVersion, version_of
from liveprofile.streams.transport.security.aws_tokens import require_signer
from liveprofile.streams.transport.security.files import read_secret
from liveprofile.streams.transport.security.kerberos import require_kerberos
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.tls import broker_context, certificate_validity, owner_of
from liveprofile.streams.transport.security.tokens import TokenProvider, token_provider
from liveprofile.streams.transport.security.trouble import Trouble
from liveprofile.streams.transport.security.validity import Validity

LIFE_SHARE = 0.8
"""The share of its life after which a certificate must have been renewed."""
Version = tuple[FileVersion, ...]
"""Of all files that connections depend on: another one after a change."""


class SettingsText(str):
    """An argument of a client that knows the settings it comes from."""

    security: Security

    def __new__(cls, text: str, security: Security) -> SettingsText:
        """The text, with its settings."""
        made = super().__new__(cls, text)
        made.security = security
        return made


def security_arguments(security: Security) -> dict[str, Any]:
    """Arguments of an aiokafka client or connection. Files are read now; UserError if one of them cannot be used."""
    arguments: dict[str, Any] = {}
    if security.security_protocol != "PLAINTEXT":
        arguments["security_protocol"] = security.security_protocol
    if security.is_encrypted:
        arguments["ssl_context"] = broker_context(security)
    if security.has_sasl:
        arguments |= {"sasl_mechanism": security.sasl_mechanism} | _sasl_arguments(security)
    return arguments


def _sasl_arguments(security: Security) -> dict[str, Any]:
    if security.sasl_mechanism == "OAUTHBEARER":
        if security.aws_region:
            require_signer()
        return {"sasl_oauth_token_provider": token_provider(security)}
    if security.sasl_mechanism == "GSSAPI":
        require_kerberos()
        return {
            "sasl_kerberos_service_name": SettingsText(security.kerberos_service, security),
            **({"sasl_kerberos_domain_name": security.kerberos_domain} if security.kerberos_domain else {}),
        }
    return {
        "sasl_plain_username": security.username,
        "sasl_plain_password": SettingsText(read_secret("kafka.password_file", security.password_file), security),
    }


def settings_of(arguments: Mapping[str, Any]) -> Security | None:
    """The settings that `security_arguments` made arguments from; None for arguments of anybody else."""
    provider = arguments.get("sasl_oauth_token_provider")
    if isinstance(provider, TokenProvider):
        return provider.security
    for name in ("sasl_plain_password", "sasl_kerberos_service_name"):
        if isinstance(text := arguments.get(name), SettingsText):
            return text.security
    context = arguments.get("ssl_context")
    return owner_of(context) if isinstance(context, ssl.SSLContext) else None


class Credentials:
    """The credentials of a process by one section `[kafka]`; the last that could be read serve while files cannot."""

    def __init__(self, security: Security) -> None:
        self.security = security
        self._files = [
            Path(file)
            for file in (
                security.ca_file,
                security.certificate_file,
                security.key_file,
                security.key_password_file,
                security.password_file,
            )
            if file
        ]
        self._certificate_version: FileVersion | None = None
        self._validity: Validity | None = None
        self._files_trouble = Trouble("The files of [kafka] can be used again.")
        self._life_trouble = Trouble("The certificate of kafka.certificate_file has been renewed.")

    @property
    def provider(self) -> TokenProvider | None:
        """Where access tokens come from; None for other mechanisms."""
        return token_provider(self.security) if self.security.sasl_mechanism == "OAUTHBEARER" else None

    def version(self) -> Version:
        """Of the files now."""
        return tuple(version_of(file) for file in self._files)

    def arguments(self, last: Mapping[str, Any]) -> Mapping[str, Any]:
        """Arguments of a new connection; those of `last` while a file cannot be used, which is told."""
        try:
            found = {**last, **security_arguments(self.security)}
        except UserError as error:
            self._files_trouble.met(
                f"{error.message} Connections go on with what was read before; it is tried again. {error.next_step}"
            )
            return last
        self._files_trouble.over()
        return found

    def look_at_life(self, now_s: float | None = None) -> None:
        """Tell if the certificate file holds one that ends soon; `now_s` is in seconds since 1970."""
        if not self.security.certificate_file:
            return
        if (version := version_of(Path(self.security.certificate_file))) != self._certificate_version:
            self._certificate_version, self._validity = version, certificate_validity(self.security)
        if (validity := self._validity) is None:
            return
        now_s = time.time() if now_s is None else now_s
        if validity.used(now_s) < LIFE_SHARE:
            self._life_trouble.over()
            return
        left_s = validity.ends_s - now_s
        ends = f"ends in {left_s:,.0f} s" if left_s > 0 else "has ended"
        self._life_trouble.met(
            f"kafka.certificate_file = {self.security.certificate_file!r} {ends}. Put a renewed certificate and its "
            "key in place of the files: connections take them up without a restart."
        )


@lru_cache(maxsize=8)
def credentials_of(security: Security) -> Credentials:
    """Those of these settings: one in a process."""
    return Credentials(security)
