"""Errors for people: one sentence that says what is wrong, and the next step."""

from liveprofile.errors import LiveprofileError
from liveprofile.streams.exit_codes import ExitCode


class UserError(LiveprofileError):
    """An error that the user can fix.

    `message` is one sentence that names the parameter, the value and the limit; `next_step` says what to do.
    The command line prints both and exits with `exit_code`; it shows a traceback only with --debug.
    """

    exit_code = ExitCode.USAGE
    next_step = "Put right what the message names, and run it again."

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message, next_step)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class NoKafkaError(UserError):
    """No Kafka answers at the address, or not any more."""

    retryable = True
    exit_code = ExitCode.NO_KAFKA
    next_step = "Start the brokers, or give another address."


class SetupError(UserError):
    """The worker cannot run on the cluster's topics; a restart alone does not help."""

    exit_code = ExitCode.WRONG
    next_step = "Compare the topics with the settings: liveprofile topics check."


class DataError(UserError):
    """A file holds something else than was said."""

    exit_code = ExitCode.WRONG
    next_step = "Look at the line that the message names."


class NoProfileError(UserError):
    """No profile has such an id."""

    exit_code = ExitCode.NOT_FOUND
    next_step = "Take an id that `liveprofile watch changes --from start` shows."


class NoSegmentError(UserError):
    """No segment has such a name."""

    exit_code = ExitCode.NOT_FOUND
    next_step = "See the names: liveprofile segments list."
