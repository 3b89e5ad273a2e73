"""`liveprofile rebuild`: folds all profiles anew beside the workers that serve, and switches over."""

import asyncio
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.confirm import confirm
from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.clock import now_ms

if TYPE_CHECKING:
    from liveprofile.streams.admin.rebuild import Status

ACTIONS = ("beside", "switch", "status", "abandon")


@click.command(
    epilog=examples(
        "liveprofile rebuild --beside              # folds, shows how far it is; Ctrl-C, and the same command goes on",
        "liveprofile rebuild --status              # lag, and which generation serves each partition",
        "liveprofile rebuild --switch              # in another terminal, once it has caught up",
        "liveprofile rebuild --beside --switch --yes     # all of it in one go",
        "liveprofile rebuild --abandon             # deletes what was folded; nothing else changes",
    )
)
@click.option("--beside", is_flag=True, help="Fold `activity` into the next generation of the state; publish nothing.")
@click.option("--switch", is_flag=True, help="Let the workers go on with the new state. With --beside: at lag 0.")
@click.option("--status", "show", is_flag=True, help="Show how far the rebuild is, and which generation serves.")
@click.option("--abandon", is_flag=True, help="Delete the state that was folded so far.")
@click.option("--from-earliest", is_flag=True, help="Accept that `activity` no longer has everything.")
@click.option("--yes", is_flag=True, help="Switch or abandon without a question.")
@click.option("--json", "as_json", is_flag=True, help="With --status, --switch or --abandon: one JSON object.")
@bootstrap_option
@pass_context
def command(
    context: Context,
    beside: bool,
    switch: bool,
    show: bool,
    abandon: bool,
    from_earliest: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Fold all profiles anew while the workers go on serving, then switch over without a pause in between.

    Use it after a change of settings, or of the program, that should hold for the past as well. A second consumer group
    folds `activity` from its beginning into a state topic of the next generation, and publishes nothing. Start the
    command on several machines to share the work; Ctrl-C leaves a state that the same command goes on from.

    The switch is a record in each partition of `activity`. The worker that serves a partition publishes what stands
    before it from the old state, and what stands after it from the new one. Profiles that differ get the next version
    and a new snapshot on `profiles`. A worker with other settings than the rebuild's stops at the switch with exit code
    3: start the workers with the new settings first.
    """
    if show + abandon + (beside or switch) != 1:
        raise click.UsageError(
            "Say one of --beside, --switch, --status, --abandon (--beside and --switch go together)."
        )
    if show:
        _show(context, as_json)
    elif abandon:
        _abandon(context, yes, as_json)
    elif beside:
        context.start_logs(unless_set="warning")
        from liveprofile.streams.cli.rebuild_beside import run

        click.get_current_context().exit(run(context, switch=switch or yes, from_earliest=from_earliest))
    else:
        _switch(context, yes, as_json)


def _show(context: Context, as_json: bool) -> None:
    from liveprofile.streams.admin.rebuild import status

    found = asyncio.run(status(context.bootstrap(), context.settings.topics))
    if as_json:
        echo_json(found)
    else:
        print_status(context, found)


def print_status(context: Context, found: "Status") -> None:
    """A line for the whole, and one for each partition."""
    from rich.table import Table

    if found.building is not None:
        context.out.print(f"generation {found.building} is being folded, {found.lag} records to go")
    else:
        context.out.print(f"no rebuild is under way; generation {found.newest} of the state is in force")
    table = Table("partition", "log begins", "folded", "log ends", "lag", "serves", box=None, pad_edge=False)
    for part in found.parts:
        rebuilt = (str(part.folded), str(part.lag)) if found.building is not None else ("-", "-")
        serves = f"generation {part.serving}" + (", has not come to the switch" if part.serving < found.newest else "")
        table.add_row(str(part.number), str(part.first), rebuilt[0], str(part.end), rebuilt[1], serves)
    context.out.print(table)


def _switch(context: Context, yes: bool, as_json: bool) -> None:
    from liveprofile.streams.admin.rebuild import status

    found = asyncio.run(status(context.bootstrap(), context.settings.topics))
    if found.building is not None:
        confirm(switch_question(found.building), yes=yes)
    generation = asyncio.run(switch_and_wait(context))
    if as_json:
        echo_json({"generation": generation, "partitions": context.settings.topics.partitions})
    else:
        print_served(context, generation)


def print_served(context: Context, generation: int) -> None:
    """The end of a switch, in words."""
    partitions = context.settings.topics.partitions
    context.out.print(f"generation {generation} of the state serves all {partitions} partitions")


def switch_question(generation: int) -> str:
    """What is asked before the switch."""
    return f"Let the workers go on with generation {generation} of the state? There is no way back"


async def switch_and_wait(context: Context) -> int:
    """Switch over, and wait until the workers have done it; gives the generation."""
    from liveprofile.streams.admin.rebuild import switch, until_served

    bootstrap, topics = context.bootstrap(), context.settings.topics
    generation = await switch(bootstrap, topics, context.settings.profile.policy.dims, now_ms())
    context.inform(f"the switch stands in {topics.partitions} partitions: waiting for the workers to come to it")
    await until_served(bootstrap, topics)
    return generation


def _abandon(context: Context, yes: bool, as_json: bool) -> None:
    from liveprofile.streams.admin.rebuild import abandon, status

    bootstrap, topics = context.bootstrap(), context.settings.topics
    found = asyncio.run(status(bootstrap, topics))
    if found.building is not None:
        confirm(f"Delete what generation {found.building} has folded so far", yes=yes)
    generation = asyncio.run(abandon(bootstrap, topics))
    if as_json:
        echo_json({"abandoned": generation, "deleted": topics.state_of(generation)})
    else:
        context.out.print(f"abandoned generation {generation}: {topics.state_of(generation)} is deleted")
