"""Profile lookup: computes the profile id of a shop's user id as ingest does, with the pseudonym key."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from liveprofile.streams.cli.context import Context, UserError

if TYPE_CHECKING:
    from liveprofile.streams.settings import Secret

_Command = TypeVar("_Command", bound=Callable[..., Any])


def shopper_options(command: _Command) -> _Command:
    """Accept the shop's own ids of a shopper: `user` and `anonymous`, for `wanted_profile`."""
    user = "The shop's user id, instead of PROFILE; it is pseudonymised here, with the present key."
    anonymous = "The same for an anonymous id: a device or a cookie."
    for name, words in (("--anonymous", anonymous), ("--user", user)):
        command = click.option(name, metavar="ID", help=words)(command)
    return command


def one_profile(command: _Command) -> _Command:
    """Accept a profile, or the shop's own ids of a shopper: all three arguments of `wanted_profile`."""
    return click.argument("profile", required=False)(shopper_options(command))


def wanted_profile(context: Context, profile: str | None, user: str | None, anonymous: str | None) -> str:
    """The profile id, or its start, from exactly one of three options."""
    if sum(given is not None for given in (profile, user, anonymous)) != 1:
        raise UserError("Choose a profile: by its id, or by a user id with --user.", "--help has examples.")
    if profile is not None:
        return profile
    return profile_id_of(context, user or anonymous or "", anonymous=user is None)


@contextmanager
def by_the_given_id(user_id: str | None) -> Iterator[None]:
    """Name a missing profile as the user did: nobody knows a pseudonym by heart."""
    from liveprofile.streams.errors import NoProfileError

    try:
        yield
    except NoProfileError as error:
        if user_id is None:
            raise
        raise NoProfileError(f"There is no profile of {user_id} with the present key.", error.next_step) from None


def profile_id_of(context: Context, user_id: str, *, anonymous: bool) -> str:
    """The profile id. UserError for an id that ingest would refuse, and for a key that the profiles do not have."""
    from liveprofile.streams.admin.key import require_noted
    from liveprofile.streams.query.identity import profile_id
    from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey

    key = present_key(context).reveal().encode()
    found = profile_id(user_id, key, anonymous=anonymous)
    asyncio.run(require_noted(context.bootstrap(), context.settings.topics, PseudonymKey(key).check_value))
    return found


def profile_ids_of(context: Context, user_ids: Iterable[str], *, anonymous: bool) -> dict[str, str]:
    """The user id of each profile id; ids that ingest would refuse are left out, and counted in a message."""
    from liveprofile.streams.admin.key import require_noted
    from liveprofile.streams.query.identity import profile_id
    from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey

    key = present_key(context).reveal().encode()
    asyncio.run(require_noted(context.bootstrap(), context.settings.topics, PseudonymKey(key).check_value))
    found, refused = {}, 0
    for user_id in user_ids:
        try:
            found[profile_id(user_id, key, anonymous=anonymous)] = user_id
        except UserError:
            refused += 1
    if refused:
        context.inform(f"{refused:,} lines are not ids of a shopper, and were left out")
    return found


def present_key(context: Context) -> "Secret":
    """The present key; none is created, because a new key would match no profile."""
    from liveprofile.streams.settings.pseudonym_key import has_key, pseudonym_key

    if not has_key(context.settings):
        raise UserError(
            f"There is no pseudonym key in {context.settings.data_path}, so no user id can be found.",
            "Set LIVEPROFILE_PSEUDONYM_KEY to the key that the workers run with, or data_dir to their folder.",
        )
    return pseudonym_key(context.settings, context.inform, may_create=False)
