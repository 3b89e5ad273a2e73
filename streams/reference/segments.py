"""Features, lifecycle and segments on the reference page."""

from liveprofile.profiles.segments.features import FEATURES, KEYED
from liveprofile.profiles.segments.rules import starter
from liveprofile.streams.reference.markdown import table


def features_section() -> str:
    """The names for rules of segments."""
    head = (
        "Rules of segments use these names: `liveprofile segments check FILE` finds wrong ones. Compare a feature "
        "that changes with time alone only by `<`, `<=`, `>` or `>=`.\n\n"
    )
    rows = ([f"`{one.name}`", one.unit, one.changes, _meaning(one.meaning, one.values)] for one in FEATURES)
    keyed = ([f'`{one.name}["..."]`', one.unit, _meaning(one.meaning, one.keys)] for one in KEYED)
    return (
        head
        + table(["feature", "unit", "changes", "meaning"], rows)
        + "\nFeatures with a key, which change with activities only:\n\n"
        + table(["feature", "unit", "meaning"], keyed)
    )


def segments_section() -> str:
    """The rules that the program includes."""
    rules = starter()
    head = (
        f"The rules `{rules.label}`, in force until a shop publishes its own: `liveprofile segments list --starter "
        "--toml > mine.toml`, edit, `check`, `preview`, `publish`. A lifecycle state is the first one that holds.\n\n"
    )
    states = ([f"`{one.name}`", one.meaning, _expression(one.when)] for one in rules.file.lifecycle)
    segments = (
        [f"`{one.name}`", one.meaning, _expression(one.enter), _expression(one.exit) or "not enter", one.stay]
        for one in rules.file.segment
    )
    return (
        head
        + table(["lifecycle", "meaning", "holds where"], states)
        + "\n"
        + table(["segment", "meaning", "enter", "exit", "least stay"], segments)
    )


def _meaning(meaning: str, values: tuple[str, ...]) -> str:
    return f"{meaning} One of {', '.join(f'`{one}`' for one in values)}." if values else meaning


def _expression(text: str) -> str:
    return f"`{' '.join(text.split())}`" if text else ""
