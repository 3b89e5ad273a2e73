"""The error of the embedded broker, with the next step."""

from liveprofile.streams.errors import UserError


class BrokerError(UserError):
    """The broker cannot be started, found or used; `retry`: the same call may succeed later without a change."""

    def __init__(self, message: str, next_step: str, *, retry: bool = False) -> None:
        super().__init__(message, next_step)
        self.retry = retry
