"""Errors for people, each with the next step, and the exit codes of all commands: a small closed set.

By its code a script can tell a typo from a broker that is away.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from liveprofile.errors import LiveprofileError


class ExitCode(IntEnum):
    """What a command's end says; `meaning` is the sentence of the documentation, `then` what a caller does."""

    meaning: str
    then: str

    def __new__(cls, number: int, meaning: str, then: str) -> ExitCode:
        """A code with its words."""
        code = int.__new__(cls, number)
        code._value_ = number
        code.meaning, code.then = meaning, then
        return code

    OK = 0, "Done. A worker: told to end, and everything under way is finished and committed.", "go on"
    FAILED = (
        1,
        "An error that was not foreseen, or a worker that had to stop: nothing unfinished counts.",
        "restart",
    )
    USAGE = 2, "The command line, a setting or a file that was named is wrong.", "correct"
    WRONG = (
        3,
        "What is needed or was checked is missing, or not as it must be: topics, model, rules, data.",
        "repair",
    )
    NO_KAFKA = 4, "No Kafka answers, or it went away before the command had done its work.", "wait, then again"
    NOT_FOUND = 5, "Nobody is there by that name: no such user, profile, item or segment.", "look for another"
    INTERRUPTED = 130, "Ctrl-C ended it.", "nothing"
    TERMINATED = 143, "SIGTERM ended a command that only reads, or the demo.", "nothing"


def exit_code_table() -> str:
    """The codes as a table in Markdown."""
    rows = [f"| {code.value} | {code.meaning} | {code.then} |" for code in ExitCode]
    return "\n".join(["| code | what it says | what to do |", "| --- | --- | --- |", *rows])


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


class MissingTopicError(SetupError):
    """Kafka shows no such topic: it does not exist, or this user may not describe it."""

    next_step = "Create the topics: liveprofile topics create."

    def __init__(self, topics: Iterable[str], message: str, next_step: str = next_step) -> None:
        super().__init__(message, next_step)
        self.topics = tuple(topics)


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


class NoTokenError(UserError):
    """No token has such a name."""

    exit_code = ExitCode.NOT_FOUND
    next_step = "See the names: liveprofile token list."
