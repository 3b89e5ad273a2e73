"""The settings `[serve.oidc]`: access tokens of an identity provider."""

from typing import Annotated, Literal

from liveprofile.streams.settings.sections import Section, doc

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
"""Signatures with a private key: with a shared secret, whoever can check a token can make one."""


class Oidc(Section, frozen=True):
    """Access tokens of an identity provider (OpenID Connect, JWT) beside the service's own; off without an issuer."""

    issuer: Annotated[
        str, doc("Whose tokens are taken: exactly the claim `iss`; empty: nobody's", shape="an address")
    ] = ""
    audience: Annotated[str, doc("For whom a token must be: a value of the claim `aud`", shape="not empty")] = ""
    jwks_url: Annotated[
        str,
        doc(
            "Where the issuer's public keys are, such as https://login.example.com/jwks; by https, or on this machine",
            shape="an address",
        ),
    ] = ""
    jwks_file: Annotated[
        str, doc("File with the keys (JWK Set) instead; it is read again when it changes", shape="a path")
    ] = ""
    algorithms: Annotated[tuple[Algorithm, ...], doc("Signatures that are taken", min_length=1)] = ("RS256", "ES256")
    scopes_claim: Annotated[
        str,
        doc(
            "The claim that has what a token may do, words with blanks between them or a list; dots lead into objects, "
            "as in realm_access.roles",
            min_length=1,
        ),
    ] = "scope"
    scopes: Annotated[
        tuple[str, ...],
        doc(
            "What a value of the claim allows here, VALUE=SCOPE each. Empty: values that are scopes of the service "
            "count as they are, but for `admin`",
            shape="VALUE=SCOPE, or several with commas",
        ),
    ] = ()
    name_claim: Annotated[
        str, doc("The claim that names the caller in the audit and for `serve.requests_per_s`", min_length=1)
    ] = "sub"
    clock_skew_s: Annotated[float, doc("How much the clocks of issuer and service may differ", "s", ge=0, le=300)] = (
        30.0
    )
    keys_s: Annotated[
        float,
        doc(
            "Age at which keys are fetched again. A key that is not known is looked for at once, at most once in ten "
            "seconds",
            "s",
            ge=10,
            le=86_400,
        ),
    ] = 600.0
