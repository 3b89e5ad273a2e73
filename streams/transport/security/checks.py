"""What of the settings `[kafka]` does not fit together: something is missing, or would have no effect."""

from urllib.parse import urlsplit

from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.security.cleartext import is_loopback
from liveprofile.streams.transport.security.settings import Security

PASSWORD_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_PASSWORD = ("username", "password_file")
_TOKEN = ("token_url", "client_id", "client_secret_file")
_AWS = ("aws_region",)
_OPTIONS = {"scope": _TOKEN, "aws_profile": _AWS, "kerberos_domain": ("kerberos_service",)}
"""What may be set beside the others."""
_FILES = ("certificate_file", "key_file", "key_password_file")


def require_consistent(security: Security) -> None:
    """UserError for the first contradiction, with the next step. Files are not looked at."""
    _check_mechanism(security)
    _check_credentials(security)
    _check_tls(security)
    if security.token_url:
        _check_token_url(security)


def _check_mechanism(security: Security) -> None:
    protocol, mechanism = security.security_protocol, security.sasl_mechanism
    if security.has_sasl and mechanism == "none":
        raise UserError(
            f"kafka.security_protocol = {protocol} needs kafka.sasl_mechanism.",
            "Set kafka.sasl_mechanism to what the listener takes: SCRAM-SHA-512, SCRAM-SHA-256, PLAIN, OAUTHBEARER or "
            "GSSAPI.",
        )
    if mechanism != "none" and not security.has_sasl:
        wanted = "SASL_SSL" if security.is_encrypted else "SASL_SSL, or SASL_PLAINTEXT"
        raise UserError(
            f"kafka.sasl_mechanism = {mechanism} has no effect with kafka.security_protocol = {protocol}.",
            f"Set kafka.security_protocol to {wanted}, or leave kafka.sasl_mechanism out.",
        )


def _check_credentials(security: Security) -> None:
    """Each mechanism has all that it needs, and nothing of another one."""
    mechanism = security.sasl_mechanism
    needed = _needed(security)
    if missing := [name for name in needed if not getattr(security, name)]:
        raise UserError(
            f"kafka.sasl_mechanism = {mechanism} needs {_names(missing)}.",
            f"Set {_names(missing)}. Passwords are read from files, never from settings.",
        )
    if mechanism != "GSSAPI" and security.kerberos_service != Security().kerberos_service:
        raise UserError(
            f"kafka.kerberos_service has no effect with kafka.sasl_mechanism = {mechanism}.",
            f"Leave it out, or set kafka.sasl_mechanism to {_uses('kerberos_service')}.",
        )
    options = [name for name, beside in _OPTIONS.items() if beside != needed]
    others = [name for name in (*_PASSWORD, *_TOKEN, *_AWS, *options) if name not in needed]
    if unused := [name for name in others if getattr(security, name)]:
        if mechanism == "OAUTHBEARER" and unused[0] in (*_TOKEN, "scope"):
            raise UserError(
                f"{_names(unused)} has no effect with kafka.aws_region.",
                "Leave it out, or take tokens from kafka.token_url and leave kafka.aws_region out.",
            )
        raise UserError(
            f"{_names(unused)} has no effect with kafka.sasl_mechanism = {mechanism}.",
            f"Leave it out, or set kafka.sasl_mechanism to {_uses(unused[0])}.",
        )


def _needed(security: Security) -> tuple[str, ...]:
    mechanism = security.sasl_mechanism
    if mechanism in PASSWORD_MECHANISMS:
        return _PASSWORD
    if mechanism == "OAUTHBEARER":
        return _AWS if security.aws_region else _TOKEN
    return ("kerberos_service",) if mechanism == "GSSAPI" else ()


def _uses(name: str) -> str:
    if name in _PASSWORD:
        return "PLAIN or SCRAM"
    return "GSSAPI" if name.startswith("kerberos") else "OAUTHBEARER"


def _check_tls(security: Security) -> None:
    for given, other in (("certificate_file", "key_file"), ("key_file", "certificate_file")):
        if getattr(security, given) and not getattr(security, other):
            raise UserError(
                f"kafka.{given} needs kafka.{other}.",
                f"Set kafka.{other}; if one PEM file holds certificate and key, name it in both.",
            )
    if security.key_password_file and not security.key_file:
        raise UserError("kafka.key_password_file needs kafka.key_file.", "Set kafka.key_file, or leave it out.")
    # The authorities also serve for token_url, so they have an effect there.
    tls = [name for name in ("ca_file", *_FILES) if getattr(security, name)]
    if tls and not security.is_encrypted and not (tls == ["ca_file"] and security.token_url):
        raise UserError(
            f"{_names(tls)} has no effect with kafka.security_protocol = {security.security_protocol}.",
            f"Set kafka.security_protocol to {'SASL_SSL' if security.has_sasl else 'SSL'}, or leave it out.",
        )


def _check_token_url(security: Security) -> None:
    """The client's password goes to the endpoint: encrypted, or not beyond this machine."""
    try:
        parts = urlsplit(security.token_url)
        host, known = parts.hostname or "", parts.username is None
    except ValueError:
        parts, host, known = urlsplit(""), "", True
    if parts.scheme not in ("http", "https") or not host or not known:
        raise UserError(
            "kafka.token_url is not an address such as https://login.example.com/oauth2/token.",
            "Write scheme, host and path, without a user name or password in it.",
        )
    if parts.scheme == "http" and not is_loopback(host) and not security.allow_plaintext:
        raise UserError(
            f"kafka.token_url to {host} is not encrypted: the client's password and the access tokens would travel in "
            "clear text.",
            "Use https. If the network is trusted, allow it: kafka.allow_plaintext = true.",
        )


def _names(names: list[str]) -> str:
    """Settings in a sentence.

    >>> _names(["username", "password_file"])
    'kafka.username and kafka.password_file'
    """
    return " and ".join(f"kafka.{name}" for name in names)
