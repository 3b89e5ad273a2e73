"""Errors of access tokens: there is none, or the client is refused one."""

from aiokafka.errors import KafkaError

from liveprofile.streams.errors import ExitCode, UserError


class TokenError(UserError, KafkaError):  # type: ignore[misc]  # aiokafka is taken as untyped
    """There is no access token: the endpoint does not answer, or its answer is none. A KafkaError: clients retry."""

    retryable = True
    exit_code = ExitCode.NO_KAFKA
    next_step = "Check kafka.token_url, and whether the endpoint answers."


class TokenRefusedError(TokenError):
    """The endpoint does not take the client's id, password or scope."""

    retryable = False
    exit_code = ExitCode.USAGE
    next_step = "Check kafka.client_id, kafka.client_secret_file and kafka.scope."
