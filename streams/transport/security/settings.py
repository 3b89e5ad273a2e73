"""The settings `[kafka]`: how clients are connected to Kafka. Secrets are in files, so that no setting is one."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

_PATH = {"unit": "", "shape": "a path"}
_TEXT = {"unit": "", "shape": "a text"}


class Security(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The connection to Kafka: encryption, authentication, and what may travel without them.

    Passwords and keys are in files, which are read again when they change. A repr of this class shows no secret.
    """

    security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
        Meta(
            description="Protocol of the listener: with SSL in its name it is encrypted, with SASL in it clients "
            "authenticate by `sasl_mechanism`"
        ),
    ] = "PLAINTEXT"
    sasl_mechanism: Annotated[
        Literal["none", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"],
        Meta(
            description="How clients authenticate: by `username` and `password_file` (PLAIN, SCRAM), by an access "
            "token of `token_url`, or of AWS IAM for `aws_region` (OAUTHBEARER), or by a Kerberos ticket (GSSAPI)"
        ),
    ] = "none"
    username: Annotated[str, Meta(description="User name for PLAIN and SCRAM", extra=_TEXT)] = ""
    password_file: Annotated[str, Meta(description="File that holds the password of `username`", extra=_PATH)] = ""
    token_url: Annotated[
        str,
        Meta(
            description="Endpoint that issues access tokens for client credentials (OAuth 2.0, RFC 6749 section 4.4)",
            extra={"unit": "", "shape": "a URL"},
        ),
    ] = ""
    client_id: Annotated[str, Meta(description="Client id that access tokens are asked for with", extra=_TEXT)] = ""
    client_secret_file: Annotated[
        str, Meta(description="File that holds the client's password at `token_url`", extra=_PATH)
    ] = ""
    scope: Annotated[
        str, Meta(description="Scope of the access tokens; empty: the endpoint's own default", extra=_TEXT)
    ] = ""
    aws_region: Annotated[
        str,
        Meta(
            description="AWS region of an Amazon MSK cluster: access tokens are then those of AWS IAM, signed with the "
            "AWS SDK's credentials. Needs the extra `msk`",
            pattern=r"^[a-z0-9-]{0,40}$",
        ),
    ] = ""
    aws_profile: Annotated[
        str,
        Meta(description="Profile of the AWS credentials; empty: those that the AWS SDK finds by itself", extra=_TEXT),
    ] = ""
    kerberos_service: Annotated[
        str,
        Meta(
            description="Service name of the brokers' Kerberos principals, for GSSAPI. Needs the extra `kerberos`",
            extra=_TEXT,
        ),
    ] = "kafka"
    kerberos_domain: Annotated[
        str,
        Meta(
            description="Host name in the brokers' Kerberos principals; empty: the host that is connected to",
            extra=_TEXT,
        ),
    ] = ""
    ca_file: Annotated[
        str,
        Meta(
            description="PEM file of the authorities whose certificates are trusted; empty: those of the system. For "
            "`token_url` they are trusted beside those of the system",
            extra=_PATH,
        ),
    ] = ""
    certificate_file: Annotated[
        str,
        Meta(description="PEM file of this client's certificate (mutual TLS), with intermediate ones", extra=_PATH),
    ] = ""
    key_file: Annotated[str, Meta(description="PEM file of the private key of the certificate", extra=_PATH)] = ""
    key_password_file: Annotated[
        str, Meta(description="File that holds the password of an encrypted private key", extra=_PATH)
    ] = ""
    client_rack: Annotated[
        str,
        Meta(
            description="Rack or zone of this process, as in the brokers' `broker.rack`: consumers then fetch from a "
            "copy nearby",
            pattern=r"^[^\s]{0,249}$",
        ),
    ] = ""
    allow_plaintext: Annotated[
        bool,
        Meta(
            description="Whether clients may connect to other machines without encryption: events with titles and "
            "searches, and profiles, then travel in clear text"
        ),
    ] = False

    @property
    def is_encrypted(self) -> bool:
        """Whether the protocol is TLS."""
        return self.security_protocol in ("SSL", "SASL_SSL")

    @property
    def has_sasl(self) -> bool:
        """Whether clients authenticate by SASL."""
        return self.security_protocol.startswith("SASL")
