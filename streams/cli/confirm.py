"""Asks before a step that cannot be undone."""

import sys

import click

from liveprofile.streams.errors import UserError


def confirm(question: str, *, yes: bool) -> None:
    """Return if the answer is yes, or was given with `yes`. Abort for no; UserError where nobody can be asked."""
    require_answerable(question, yes=yes)
    if not yes:
        click.confirm(question, abort=True, err=True)


def require_answerable(question: str, *, yes: bool) -> None:
    """UserError if the question could not be asked: before work that would be in vain."""
    if not yes and not sys.stdin.isatty():
        raise UserError(
            f"Standard input is no terminal, so this cannot be asked: {question}.",
            "Add --yes to do it without a question.",
        )
