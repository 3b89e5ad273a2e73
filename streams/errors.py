"""An error that is told to a person: what is wrong in one sentence, and what to do next."""


class UserError(Exception):
    """Something the person at the keyboard can put right.

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
    """The topics on the cluster are not the ones that this worker can run on; a restart alone does not help."""
