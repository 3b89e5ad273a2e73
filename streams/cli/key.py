"""`liveprofile key create|check|backup`: the key that user ids are pseudonymised under."""

import asyncio
from pathlib import Path

import click

from liveprofile.streams.cli.confirm import confirm
from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.errors import ExitCode

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group(epilog=examples("liveprofile key create", "liveprofile key check", "liveprofile key backup /mnt/safe/key"))
def command() -> None:
    """Create, check and back up the pseudonym key.

    Profile ids are digests under this key. All workers of an application need the same one, and without it nobody can
    find, erase or continue a shopper's profile.
    """


@command.command(epilog=examples("liveprofile key create"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--if-missing", is_flag=True, help="Do nothing if there is a key already.")
@AS_JSON
@pass_context
def create(context: Context, file: Path | None, if_missing: bool, as_json: bool) -> None:
    """Create a random key: in the data folder, or in FILE. An existing key is never overwritten."""
    from liveprofile.streams.settings.data_folder import make_private
    from liveprofile.streams.settings.pseudonym_key import FILE, create_key, read_key

    if file is None:
        make_private(context.settings.data_path)
    path = file or context.settings.data_path / FILE
    if if_missing and path.exists():
        if as_json:
            echo_json({"file": str(path), "created": False})
        return
    if not create_key(path):
        raise UserError(f"There is a key already: {path}.", "Keep it, or give another FILE.")
    check_value = _check_value(read_key(path).reveal())
    if as_json:
        echo_json({"file": str(path), "created": True, "check_value": check_value})
    else:
        context.out.print(f"created {path} (mode 0600), check value {check_value}", soft_wrap=True)
    context.inform(
        "give the same key to all workers (LIVEPROFILE_PSEUDONYM_KEY_FILE), and back it up: liveprofile key backup FILE"
    )


@command.command(
    epilog=examples("liveprofile key check", "liveprofile key check --replace      # the other key is lost")
)
@click.option("--replace", is_flag=True, help="Put this key in force: all shoppers become new ones. Stop all workers.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@AS_JSON
@bootstrap_option
@pass_context
def check(context: Context, replace: bool, yes: bool, as_json: bool) -> None:
    """Compare this key with the one that the profiles were made with. Exit code 3 if it is another one."""
    from liveprofile.streams.admin import key
    from liveprofile.streams.cli.profile_lookup import present_key

    own = _check_value(present_key(context).reveal())
    bootstrap, topics = context.bootstrap(), context.settings.topics
    noted = asyncio.run(key.noted_check_value(bootstrap, topics))
    if replace and own != noted:
        confirm("All shoppers become new ones, and old profiles cannot be found any more. Go on", yes=yes)
        asyncio.run(key.replace(bootstrap, topics, own))
        noted = own
    if as_json:
        echo_json({"same": own == noted if noted else None, "own": own, "noted": noted or None})
    else:
        context.out.print(f"check value of this key       {own}\ncheck value of the profiles   {noted or 'none yet'}")
    click.get_current_context().exit(0 if own == noted or not noted else ExitCode.WRONG)


@command.command(epilog=examples("liveprofile key backup /mnt/safe/liveprofile.key"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@AS_JSON
@pass_context
def backup(context: Context, file: Path, as_json: bool) -> None:
    """Write the key to FILE, which only you can read. FILE must not exist."""
    from liveprofile.streams.cli.profile_lookup import present_key
    from liveprofile.streams.settings.pseudonym_key import write_key

    key = present_key(context)
    if not write_key(file, key.reveal()):
        raise UserError(f"{file} exists already.", "Give another FILE.")
    if as_json:
        echo_json({"file": str(file), "check_value": _check_value(key.reveal())})
    else:
        context.out.print(f"wrote {file} (mode 0600), check value {_check_value(key.reveal())}", soft_wrap=True)


def _check_value(key: str) -> str:
    from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey

    return PseudonymKey(key.encode()).check_value
