"""The ways in which clients of a secured embedded broker say who they are."""

from enum import StrEnum


class Mechanism(StrEnum):
    """Every one is over TLS, and every one makes the principal `User:NAME` of a user NAME."""

    SCRAM = "scram"
    """A password, SCRAM-SHA-512."""
    OAUTHBEARER = "oauthbearer"
    """An access token of a test issuer that runs beside the broker."""
    MTLS = "mtls"
    """A certificate of the broker's own authority."""
