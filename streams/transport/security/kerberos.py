"""Kerberos for GSSAPI: whether the library for it is there. Tickets are those of the system's Kerberos."""

from importlib.util import find_spec

from liveprofile.streams.errors import UserError


def require_kerberos() -> None:
    """UserError if the extra `kerberos` is not installed: aiokafka would only find it missing when it connects."""
    if find_spec("gssapi") is None:
        raise UserError(
            "kafka.sasl_mechanism is GSSAPI, and gssapi is not installed.",
            "Run pip install 'liveprofile[kerberos]' (it is built from source, with the headers of MIT Kerberos), or "
            "use a listener with SCRAM-SHA-512, OAUTHBEARER or mutual TLS.",
        )
