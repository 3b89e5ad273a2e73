"""The error of model folders, with the next step for the user."""

from liveprofile.errors import LiveprofileError


class ModelError(LiveprofileError):
    """A model folder cannot be read, built, checked or used.

    `message` names the value and the limit, `next_step` says what to do. A retry never helps: the folder or a setting
    has to change.
    """

    next_step = "Export the model again, or point the setting at another folder."

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message, next_step)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message}. {self.next_step}"
