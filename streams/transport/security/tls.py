"""TLS contexts from files: built once, and anew after a file has changed."""

import ssl
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

from liveprofile.streams.errors import UserError
from liveprofile.streams.file_version import FileVersion, version_of
from liveprofile.streams.transport.security.expiry import EXPIRY
from liveprofile.streams.transport.security.files import read_secret, why
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.validity import Validity, validity_of

_OWNERS: WeakKeyDictionary[ssl.SSLContext, Security] = WeakKeyDictionary()


def broker_context(security: Security) -> ssl.SSLContext:
    """The context of connections to brokers, whose certificates and host names are checked.

    UserError if a file cannot be used.
    """
    files = (security.ca_file, security.certificate_file, security.key_file, security.key_password_file)
    return _broker_context(security, tuple(version_of(Path(file)) for file in files if file))


def endpoint_context(security: Security) -> ssl.SSLContext:
    """The context of requests to `token_url`: the system's authorities and those of `ca_file`. UserError as above."""
    context = ssl.create_default_context()
    if security.ca_file:
        _trust(context, security.ca_file)
    return context


@lru_cache(maxsize=8)
def _broker_context(security: Security, versions: tuple[FileVersion, ...]) -> ssl.SSLContext:
    """`versions` is only a part of the key: changed files make a new context."""
    if security.ca_file:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _trust(context, security.ca_file)
    else:
        context = ssl.create_default_context()
    if security.certificate_file:
        _authenticate(context, security)
        if validity := certificate_validity(security):
            EXPIRY.ends(f"certificate {security.certificate_file}", validity.ends_s)
    _OWNERS[context] = security
    return context


def owner_of(context: ssl.SSLContext) -> Security | None:
    """The settings that a context of `broker_context` was made from; None for any other context."""
    return _OWNERS.get(context)


def certificate_validity(security: Security) -> Validity | None:
    """The life of the certificate that `certificate_file` holds now; None if it holds none."""
    try:
        return validity_of(Path(security.certificate_file).read_text(encoding="ascii", errors="replace"))
    except OSError:
        return None


def _trust(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(path)
    except OSError as error:
        raise UserError(
            f"kafka.ca_file = {path!r} cannot be used: {_reason(error)}.",
            "Give the path of a PEM file with the certificates of the authorities to trust.",
        ) from None


def _authenticate(context: ssl.SSLContext, security: Security) -> None:
    """Load the client's certificate and key; without a password OpenSSL would ask a person for it."""

    def password() -> str:
        if not security.key_password_file:
            raise UserError(
                f"kafka.key_file = {security.key_file!r} is encrypted.", "Name its password: kafka.key_password_file."
            )
        return read_secret("kafka.key_password_file", security.key_password_file)

    try:
        context.load_cert_chain(security.certificate_file, security.key_file, password)
    except OSError as error:
        raise UserError(
            f"kafka.certificate_file = {security.certificate_file!r} and kafka.key_file = {security.key_file!r} cannot "
            f"be used: {_reason(error)}.",
            "Give PEM files of a certificate and of the key that belongs to it, and the password of an encrypted key. "
            "When they are renewed, replace both before the next client is made.",
        ) from None


def _reason(error: OSError) -> str:
    """What OpenSSL or the system says, in lower case."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "it is no PEM file").replace("_", " ").lower()
    return why(error).lower()
