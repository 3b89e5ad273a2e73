"""Access tokens of AWS IAM for Amazon MSK: signed on this machine with the credentials of the AWS SDK."""

from __future__ import annotations

import time
from typing import Any

from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.token_errors import TokenError


def request_aws_token(security: Security) -> tuple[str, float]:
    """A new token and its life in seconds. TokenError without credentials, UserError without the extra `msk`."""
    signer = require_signer()
    region, profile = security.aws_region, security.aws_profile
    try:
        if profile:
            token, ends_ms = signer.generate_auth_token_from_profile(region, profile)
        else:
            token, ends_ms = signer.generate_auth_token(region)
    except Exception as error:  # the SDK has no common base for what goes wrong with credentials
        # Its messages may quote what they were given, so only the kind is told.
        raise TokenError(
            f"AWS gave no credentials for an access token in {region}: {type(error).__name__}.",
            "Check the AWS credentials of this process (environment, profile, instance or pod role), then "
            "kafka.aws_region and kafka.aws_profile.",
        ) from None
    return token, ends_ms / 1000 - time.time()


def require_signer() -> Any:
    """The signer's module. UserError if it is not installed."""
    try:
        from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
    except ModuleNotFoundError as error:
        raise UserError(
            f"kafka.aws_region is set, and {error.name} is not installed.",
            "Run pip install 'liveprofile[msk]', or take tokens from kafka.token_url.",
        ) from None
    return MSKAuthTokenProvider
