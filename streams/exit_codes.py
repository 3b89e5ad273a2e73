"""The exit codes of all commands: a small closed set, so that a script can tell a typo from a broker that is away."""

from __future__ import annotations

from enum import IntEnum


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


def table() -> str:
    """The codes as a table in Markdown."""
    rows = [f"| {code.value} | {code.meaning} | {code.then} |" for code in ExitCode]
    return "\n".join(["| code | what it says | what to do |", "| --- | --- | --- |", *rows])
