"""`liveprofile upgrade`: what this version does to the topics, before it does it; and the last step of an upgrade."""

import asyncio
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.errors import ExitCode

if TYPE_CHECKING:
    from liveprofile.streams.admin.upgrade import Check

RECORDS = 20_000


@click.command(
    epilog=examples(
        "liveprofile upgrade --check                 # before the first worker of this version starts",
        "liveprofile upgrade --check --records 0     # every record, not only the oldest and the newest",
        "liveprofile upgrade --finish                # when no worker of an older version is left",
    )
)
@click.option("--check", "only_check", is_flag=True, help="Look at the topics and change nothing.")
@click.option(
    "--finish", "to_finish", is_flag=True, help="Let workers write the newest layout from their next start on."
)
@click.option(
    "--records",
    type=click.IntRange(min=0),
    default=RECORDS,
    show_default=True,
    metavar="N",
    help="Records looked at in each partition, half of them the oldest, half the newest; 0: all.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@bootstrap_option
@pass_context
def command(context: Context, only_check: bool, to_finish: bool, records: int, as_json: bool) -> None:
    """Say what this version does to the records on the topics; end an upgrade.

    An upgrade deletes nothing, and the application keeps its topics. Records of older versions are read by name: fields
    that this version adds are blank, fields that it dropped are left out. A profile is written anew when it next
    changes.

    \b
    1. upgrade --check      with the new version: exit code 0 says that it can go on
    2. replace the workers  one after the other; old and new ones work side by side, and write what both can read
    3. upgrade --finish     when the last old worker is gone; each worker writes the new layout from its next start on

    \b
    Exit codes of --check and --finish
      0   this version can go on with everything that was found
      2   a wrong option
      3   refused: a missing topic, records of a newer version (run that version), or damaged state (see
          docs/operations.md)
      4   no Kafka answers
    """
    from liveprofile.streams.admin.upgrade import check, finish

    if only_check == to_finish:
        raise click.UsageError("Give either --check or --finish.")
    settings, bootstrap = context.settings, context.bootstrap()
    found = asyncio.run(check(bootstrap, settings.topics, settings.profile.policy.dims, records))
    changed = to_finish and found.goes_on and asyncio.run(finish(bootstrap, settings.topics))
    if as_json:
        _print_json(found, {"changed": changed} if to_finish else {})
    elif only_check or not found.goes_on:
        _print_findings(context, found)
    else:
        done = ", ".join(f"{topic} is written in layout {number}" for topic, number in found.newest.items())
        context.out.print(f"{done} from the next start of each worker on" if changed else f"{done} already")
    click.get_current_context().exit(0 if found.goes_on else ExitCode.WRONG)


def _print_json(found: "Check", done: dict[str, bool]) -> None:
    import msgspec

    echo_json({"goes_on": found.goes_on, **done, **msgspec.to_builtins(found)})


def _print_findings(context: Context, found: "Check") -> None:
    from rich.table import Table

    table = Table("topic", "what", "layout", "records", "what becomes of them", box=None, pad_edge=False)
    for one in found.findings:
        words = f"{one.verdict.value}: {one.details}" if one.details else one.verdict.value
        table.add_row(one.topic, one.what, one.layout, f"{one.records:,}", words)
    context.out.print(table)
    context.out.print(f"\n{found.looked_at:,} records were looked at; nothing was changed.")
    if not found.goes_on:
        context.out.print("This version cannot go on with them: it leaves the topics to the version that wrote them.")
    elif found.older:
        context.out.print(
            f"This version can go on. It writes {', '.join(found.older)} in older layouts until `liveprofile upgrade "
            "--finish`."
        )
    else:
        context.out.print("This version can go on.")
