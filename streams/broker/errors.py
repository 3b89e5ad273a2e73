"""The error of the embedded broker, with the next step."""

from liveprofile.streams.errors import UserError


class BrokerError(UserError):
    """The broker cannot be started, found or used; `retryable`: a second call may succeed without a change."""

    next_step = "Look at the log of the broker: liveprofile broker status."

    def __init__(self, message: str, next_step: str, *, retryable: bool = False) -> None:
        super().__init__(message, next_step)
        self.retryable = retryable
