"""The arguments of an aiokafka client as Faust takes them: it makes its consumer by itself."""

from collections.abc import Mapping
from typing import Any

from faust.auth import Credentials, GSSAPICredentials, OAuthCredentials, SASLCredentials, SSLCredentials


def faust_credentials(arguments: Mapping[str, Any]) -> Credentials | None:
    """Faust's `broker_credentials` for what `client_arguments` gives; None for PLAINTEXT."""
    protocol, context = arguments.get("security_protocol"), arguments.get("ssl_context")
    if protocol is None:
        return None
    if protocol == "SSL":
        return SSLCredentials(context)
    if provider := arguments.get("sasl_oauth_token_provider"):
        return OAuthCredentials(oauth_cb=provider, ssl_context=context)
    if service := arguments.get("sasl_kerberos_service_name"):
        domain = arguments.get("sasl_kerberos_domain_name")
        return GSSAPICredentials(kerberos_service_name=service, kerberos_domain_name=domain, ssl_context=context)
    return SASLCredentials(
        username=arguments["sasl_plain_username"],
        password=arguments["sasl_plain_password"],
        ssl_context=context,
        mechanism=arguments["sasl_mechanism"],
    )
