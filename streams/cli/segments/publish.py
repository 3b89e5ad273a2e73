"""`liveprofile segments preview|publish`: who would enter and leave by the rules of a file; their publication."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.confirm import confirm, require_answerable
from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.cli.segments.rule_file import (
    AS_JSON,
    FILE,
    reading_bar,
    reporter,
    rules_in_force,
    usable_rules,
)
from liveprofile.streams.cli.segments.tables import preview_table
from liveprofile.streams.clock import now_ms

if TYPE_CHECKING:
    from liveprofile.profiles.segments.preview import Preview
    from liveprofile.profiles.segments.rules import RuleSet

MOST_LINES = 40
"""Shown lines of a difference."""


@click.command(
    epilog=examples("liveprofile segments preview mine.toml", "liveprofile segments preview mine.toml --json")
)
@FILE
@AS_JSON
@bootstrap_option
@pass_context
def preview(context: Context, file: Path, as_json: bool) -> None:
    """Show who would enter and leave, without publishing: the rules are evaluated on every stored profile."""
    rules = usable_rules(file)
    found = _try_out(context, rules)
    if as_json:
        echo_json(_as_json(rules, found))
    else:
        _print(context, rules, found, of_all=True)


@click.command(
    epilog=examples(
        "liveprofile segments publish mine.toml",
        "liveprofile segments publish mine.toml --yes --json      # in a script",
    )
)
@FILE
@click.option("--yes", is_flag=True, help="Do not ask.")
@AS_JSON
@bootstrap_option
@pass_context
def publish(context: Context, file: Path, yes: bool, as_json: bool) -> None:
    """Publish a file's rules, without a restart: it shows who enters and leaves, and asks.

    All profiles are evaluated again, and changes are published. Name and version stand for one content for good:
    another file under a published version is refused with the difference, exit code 3. Without a terminal to ask on,
    --yes is needed: exit code 2.
    """
    from liveprofile.streams.admin.publish_segments import publish as send
    from liveprofile.streams.admin.rule_versions import OtherContentError, digest, require_one_content, shown
    from liveprofile.streams.admin.topics import refuse_second

    rules, settings, bootstrap = usable_rules(file), context.settings, context.bootstrap()
    question = f"Publish {shown(rules)}"
    require_answerable(question, yes=yes)
    asyncio.run(refuse_second(bootstrap, settings.topics))
    in_force = asyncio.run(rules_in_force(context))
    try:
        asyncio.run(require_one_content(bootstrap, settings.topics, rules, in_force))
    except OtherContentError as error:
        for line in _shortened(error.diff):
            click.echo(line, err=True)
        raise
    found = _try_out(context, rules)
    if not as_json:
        _print(context, rules, found, of_all=False)
    confirm(question, yes=yes)
    dims = settings.profile.policy.dims
    count = asyncio.run(send(bootstrap, settings.topics, rules, now_ms(), dims, in_force.label))
    if as_json:
        echo_json(
            {"replaced": in_force.label, "replaced_sha256": digest(in_force), "partitions": count}
            | _as_json(rules, found)
        )
    else:
        context.out.print(
            f"published {shown(rules)} to {count} partitions: running workers apply them within seconds",
            soft_wrap=True,
        )


def _try_out(context: Context, rules: "RuleSet") -> "Preview":
    """The effect of rules on all stored profiles."""
    from liveprofile.streams.admin.preview_segments import preview as try_out

    settings = context.settings
    with reading_bar(context) as bar:
        return asyncio.run(
            try_out(
                context.bootstrap(), settings.topics, settings.profile.policy, rules, now_ms(), reporter(context, bar)
            )
        )


def _as_json(rules: "RuleSet", found: "Preview") -> dict[str, Any]:
    import msgspec

    from liveprofile.streams.admin.rule_versions import digest

    return {"rules": rules.label, "sha256": digest(rules), **msgspec.to_builtins(found)}


def _print(context: Context, rules: "RuleSet", found: "Preview", *, of_all: bool) -> None:
    """The effect as a table, of all rules or of those that somebody enters or leaves by, and in a sentence."""
    table = preview_table(found, rules, of_all=of_all)
    if table.row_count:
        context.out.print(table)
        context.out.print()
    totals = found.totals()
    context.out.print(
        f"of {found.profiles:,} profiles: {totals['enter']:,} memberships would begin, {totals['leave']:,} end, "
        f"{totals['stay']:,} stay"
    )


def _shortened(lines: tuple[str, ...]) -> list[str]:
    """The first lines of a difference, and how many there are besides."""
    left = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([f"... {left} more lines"] if left > 0 else [])]
