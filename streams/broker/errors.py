"""What went wrong with the embedded broker, and what to do next."""

from liveprofile.streams.errors import UserError


class BrokerError(UserError):
    """The broker cannot be started, found or used; `retry` tells whether the same call can succeed later by itself."""

    def __init__(self, message: str, next_step: str, *, retry: bool = False) -> None:
        super().__init__(message, next_step)
        self.retry = retry
