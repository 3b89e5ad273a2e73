"""Features, and the lifecycle and segments of the starter set, for the reference page."""

from profiles.features import FEATURES, KEYED
from profiles.segments.rules import starter
from streams.reference.markdown import table


def features() -> str:
    """What rules are written in."""
    head = (
        'What rules of segments are written in, by their names, or by name and key: `interest.long["home/garden"]`.\n\n'
    )
    rows = [[f"`{one.name}`", one.meaning, one.unit, one.changes] for one in FEATURES]
    keyed = [[f"`{one.name}[…]`", one.meaning, one.unit, "with activities only"] for one in KEYED]
    return head + table(["feature", "meaning", "unit", "changes"], [*rows, *keyed])


def lifecycle() -> str:
    """The states of the starter set, in the order in which they are tried."""
    rows = ([f"`{one.name}`", one.meaning, _expression(one.when)] for one in starter().file.lifecycle)
    head = (
        "Of the starter set, in force until a shop publishes its own. The first state that matches, in this order.\n\n"
    )
    return head + table(["state", "meaning", "when"], rows)


def segments() -> str:
    """The segments of the starter set."""
    rows = (
        [f"`{one.name}`", one.meaning, _expression(one.enter), _expression(one.exit) or "not enter", one.stay]
        for one in starter().file.segment
    )
    return f"Version {starter().file.version} of the starter set.\n\n" + table(
        ["segment", "meaning", "enter", "exit", "least stay"], rows
    )


def _expression(text: str) -> str:
    """An expression on one line."""
    return f"`{' '.join(text.split())}`" if text else ""
