"""`liveprofile identity check|preview`: the rules of who is who, without Kafka."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.context import Context, echo_json, examples, pass_context
from liveprofile.streams.cli.identity.tables import print_preview
from liveprofile.streams.errors import DataError, ExitCode

if TYPE_CHECKING:
    from liveprofile.profiles.identity.preview import Preview
    from liveprofile.profiles.identity.rules import IdentityRules
    from liveprofile.profiles.identity.statement import Pseudonymise
    from liveprofile.streams.admin.identity_file import ReadLinks

RULES = click.argument("rules", type=click.Path(exists=True, dir_okay=False, path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group(
    epilog=examples(
        "liveprofile identity rules > identity.toml           # start from the included rules",
        "liveprofile identity check identity.toml",
        "liveprofile identity preview identity.toml logins.jsonl",
    )
)
def command() -> None:
    """Who is who: rules by which identifiers are one person, checked and tried on real logs.

    Nothing is linked yet by a running worker: each identifier has a profile of its own. These commands need no Kafka
    and change nothing.
    """


@command.command("rules", epilog=examples("liveprofile identity rules > identity.toml"))
def rules_command() -> None:
    """Print the included rules, to edit."""
    from liveprofile.profiles.identity.rules import starter

    click.echo(starter().text, nl=False)


@command.command(epilog=examples("liveprofile identity check identity.toml"))
@RULES
@AS_JSON
@pass_context
def check(context: Context, rules: Path, as_json: bool) -> None:
    """Check the file RULES: syntax, names, limits. Exit code 3 if it is wrong."""
    from liveprofile.profiles.identity.rules import IdentityRulesError

    found, problem = None, ""
    try:
        found = _read(rules)
    except IdentityRulesError as error:
        problem = str(error)
    if as_json:
        named: dict[str, Any] = {"rules": found.label, "sha256": found.digest} if found else {}
        echo_json({"file": str(rules), **named, "problems": [problem] if problem else []})
    elif found is None:
        context.out.print(problem, style="red", soft_wrap=True, markup=False)
    else:
        types = ", ".join(found.types)
        context.out.print(
            f"{found.label} ({found.digest[:12]}) is valid: types {types}; contested: {found.contested}",
            soft_wrap=True,
            markup=False,
        )
    click.get_current_context().exit(ExitCode.WRONG if problem else 0)


@command.command(
    epilog=examples(
        "liveprofile identity preview identity.toml logins.jsonl",
        "liveprofile identity preview new.toml logins.jsonl --against identity.toml",
        "zcat clicks.jsonl.gz | liveprofile identity preview identity.toml - --json | jq .refused_links",
    )
)
@RULES
@click.argument("links", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="RULES",
    help="Compare with these rules; without it, with nobody linked, as it is now.",
)
@click.option("--most", type=click.IntRange(min=0), default=5, show_default=True, help="Examples of each kind.")
@AS_JSON
@pass_context
def preview(context: Context, rules: Path, links: str, against: Path | None, most: int, as_json: bool) -> None:
    """Show who would become one person, and who would part, by RULES and the records in LINKS.

    LINKS has one JSON object a line, plain or .gz (- reads standard input): records with `kind` (login, logout, link,
    unlink, merge, unmerge, never), `user_id`, `anonymous_id`, `ids` ({"email": ...}), `ts` and `reason`. A line of any
    other input, with its name in `topic`, is a login if it has two identifiers. All links are held in memory, about
    1 KB each.

    Examples are pseudonyms under the key of the workers, or, where there is none, of a key for this run alone. No id
    of the file is shown. Exits with 3 if no line makes a link.
    """
    from liveprofile.profiles.identity.links import in_force
    from liveprofile.profiles.identity.preview import preview as compare
    from liveprofile.profiles.identity.resolve import resolve
    from liveprofile.profiles.identity.statement import blocked_identifiers
    from liveprofile.streams.admin.identity_file import read_links
    from liveprofile.streams.backtest.check.lines import LineFile

    after, before = _usable(rules), _usable(against) if against else None
    pseudonymise = _pseudonymise(context)
    with LineFile(links) as file:
        found = read_links(file.lines(), after, pseudonymise)
    in_use = in_force(found.records)
    persons = resolve(in_use, after, blocked=blocked_identifiers(after, pseudonymise))
    known = resolve(in_use, before, blocked=blocked_identifiers(before, pseudonymise)) if before else None
    difference = compare(known, persons)
    if as_json:
        echo_json(_as_json(after, found, len(in_use.links), difference, most))
    else:
        print_preview(context, after, found, len(in_use.links), difference, most)
    click.get_current_context().exit(0 if found.records else ExitCode.WRONG)


def _read(file: Path) -> "IdentityRules":
    """The rules of a file. IdentityRulesError if they are wrong."""
    from liveprofile.profiles.identity.rules import IdentityRulesError, read_rules

    try:
        return read_rules(file.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise IdentityRulesError(f"the file is not UTF-8: {error}.") from None


def _usable(file: Path) -> "IdentityRules":
    """The rules of a file; DataError if they are wrong."""
    from liveprofile.profiles.identity.rules import IdentityRulesError

    try:
        return _read(file)
    except IdentityRulesError as error:
        words = f"{file} cannot be used: {error}"
        raise DataError(words, "Correct it; liveprofile identity rules prints a whole one.") from None


def _pseudonymise(context: Context) -> "Pseudonymise":
    """Pseudonyms under the key of the workers, else under a key for this run."""
    import secrets

    from liveprofile.streams.settings.pseudonym_key import has_key, pseudonym_key
    from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms

    if has_key(context.settings):
        key = pseudonym_key(context.settings, context.inform, may_create=False).reveal()
    else:
        key = secrets.token_hex(32)
        context.inform("there is no pseudonym key: examples have pseudonyms of this run alone")
    of = Pseudonyms(PseudonymKey(key.encode()), partitions=1).of
    return lambda name: of(name)[0].decode()


def _as_json(
    rules: "IdentityRules", found: "ReadLinks", links: int, difference: "Preview", most: int
) -> dict[str, Any]:
    return {
        "rules": rules.label,
        "sha256": rules.digest,
        "lines": found.lines,
        "unusable_lines": dict(found.unusable),
        "unusable_examples": found.examples,
        "links": links,
        "refused_links": dict(difference.refused),
        "persons": difference.persons,
        "persons_by_size": {str(size): count for size, count in difference.sizes.items()},
        "joins": len(difference.joins),
        "parts": len(difference.parts),
        "join_examples": [_move(move) for move in difference.joins[:most]],
        "part_examples": [_move(move) for move in difference.parts[:most]],
    }


def _move(move: Any) -> dict[str, str]:
    return {"identifier": str(move.one), "before": str(move.before), "after": str(move.after)}
