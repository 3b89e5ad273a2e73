"""`liveprofile segments list|check|preview|publish|sizes|export`: the rules of lifecycle and segments."""

import asyncio
from pathlib import Path

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.cli.segments.members import export, sizes
from liveprofile.streams.cli.segments.publish import preview, publish
from liveprofile.streams.cli.segments.rule_file import AS_JSON, FILE, judged_rules, rules_in_force
from liveprofile.streams.cli.segments.tables import rules_table
from liveprofile.streams.errors import ExitCode


@click.group(
    epilog=examples(
        "liveprofile segments list --toml > mine.toml      # start from the rules in force",
        "liveprofile segments check mine.toml",
        "liveprofile segments preview mine.toml            # who would enter, who would leave",
        "liveprofile segments publish mine.toml",
        "liveprofile segments sizes",
        "liveprofile segments export loyal --format csv > loyal.csv",
    )
)
def command() -> None:
    """Lifecycle and segments: rules in a TOML file, checked, previewed on all profiles, published without a restart."""


for _inner in (preview, publish, sizes, export):
    command.add_command(_inner)


@command.command("list", epilog=examples("liveprofile segments list", "liveprofile segments list --starter --toml"))
@click.option("--starter", "of_starter", is_flag=True, help="The included rules; needs no Kafka.")
@click.option("--toml", "as_toml", is_flag=True, help="The file itself, to edit and publish.")
@AS_JSON
@bootstrap_option
@pass_context
def list_command(context: Context, of_starter: bool, as_toml: bool, as_json: bool) -> None:
    """Show the rules in force, with the version and the digest of their file."""
    import msgspec

    from liveprofile.profiles.segments.rules import starter
    from liveprofile.streams.admin.rule_versions import digest, shown

    rules = starter() if of_starter else asyncio.run(rules_in_force(context))
    if as_toml:
        click.echo(rules.record["toml"], nl=False)
    elif as_json:
        echo_json({**msgspec.to_builtins(rules.file), "sha256": digest(rules)})
    else:
        context.out.print(f"rules {shown(rules)}\n")
        context.out.print(rules_table(rules))


@command.command(epilog=examples("liveprofile segments check mine.toml"))
@FILE
@AS_JSON
@pass_context
def check(context: Context, file: Path, as_json: bool) -> None:
    """Check a file: syntax, names and types of features, and contradictory rules. Exit code 3 if it is wrong."""
    from liveprofile.streams.admin.rule_versions import digest, shown

    rules, found = judged_rules(file)
    if as_json:
        named = {"rules": rules.label, "sha256": digest(rules)} if rules else {}
        echo_json({"file": str(file), **named, "problems": found})
    elif found or rules is None:
        for problem in found:
            context.out.print(problem, style="red", soft_wrap=True, markup=False)
    else:
        counts = f"{len(rules.file.lifecycle)} lifecycle states, {len(rules.file.segment)} segments"
        context.out.print(f"{shown(rules)} is valid: {counts}, {len(rules.lowered.atoms)} comparisons", soft_wrap=True)
    click.get_current_context().exit(ExitCode.WRONG if found else 0)
