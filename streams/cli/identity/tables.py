"""How a preview of identity is shown."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from liveprofile.streams.cli.context import Context

if TYPE_CHECKING:
    from liveprofile.profiles.identity.preview import Move, Preview
    from liveprofile.profiles.identity.rules import IdentityRules
    from liveprofile.streams.admin.identity_file import ReadLinks


def print_preview(
    context: Context, rules: "IdentityRules", found: "ReadLinks", links: int, difference: "Preview", most: int
) -> None:
    """What was read, who would be one person, what is refused and why."""
    _say(context, f"{found.lines:,} lines make {links:,} links, resolved by {rules.label}")
    _counts(context, "lines that make no link", found.unusable)
    for examples in found.examples.values():
        for line in examples[:most]:
            _say(context, f"    {line}")
    _counts(context, "links that join nobody", difference.refused)
    largest = max(difference.sizes, default=0)
    _say(context, f"{difference.persons:,} persons with two identifiers or more, the largest with {largest}")
    _say(context, f"{len(difference.joins):,} identifiers would join a person, {len(difference.parts):,} would part")
    _moves(context, "joins", difference.joins[:most])
    _moves(context, "parts", difference.parts[:most])


def _counts(context: Context, heading: str, counts: Mapping[str, int]) -> None:
    """Counts by reason, where there are any."""
    if counts:
        named = ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
        _say(context, f"{heading}: {named}")


def _moves(context: Context, word: str, moves: Sequence["Move"]) -> None:
    for move in moves:
        whom = f"joins {move.after}" if word == "joins" else f"parts from {move.before}"
        _say(context, f"    {move.one} {whom}")


def _say(context: Context, text: str) -> None:
    context.out.print(text, soft_wrap=True, markup=False)
