"""Errors for people: one sentence that says what is wrong, and the next step."""


class UserError(Exception):
    """An error that the user can fix.

    `message` is one sentence that names the parameter, the value and the limit; `next_step` says what to do.
    The command line prints both and exits 2; it shows a traceback only with --debug.
    """

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message, next_step)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class SetupError(UserError):
    """The worker cannot run on the cluster's topics; a restart alone does not help."""
