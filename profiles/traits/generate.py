"""Writes `kernel/trait_calls.py`: the calls that compiled code makes for each declared trait, as plain functions.

Numba caches a function by its file, so functions composed from declarations at run time would be compiled again by
every process. Run `python -m liveprofile.profiles.traits.generate` to write the file after a declaration has changed.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from liveprofile.profiles.traits.registry import JUDGED_FIRST, TRAITS
from liveprofile.profiles.traits.trait import AroundZero, Judged, Ladder, Trait

FILE = Path(__file__).parents[1] / "kernel" / "trait_calls.py"
_HEAD = '''"""The compiled calls of every declared trait: written by `generate`, never by hand; a test compares them."""
'''
_DETECTOR_PARAMETERS = (
    "    row: Row, time_ms: int, most: float, rules: Rules, detections: Detections, count: int\n) -> tuple[int, int]:\n"
)
_IMPORTS = {
    "liveprofile.profiles.kernel.detections": {"Detections", "record_detection"},
    "liveprofile.profiles.numeric.aliases": {"Row", "Rules"},
    "liveprofile.profiles.numeric.jit": {"compiled"},
    "liveprofile.profiles.records.activity": {"digest32"},
    "liveprofile.profiles.state.row": {"PATHS"},
    "liveprofile.profiles.kernel.bands": {"around_zero", "on_ladder", "publish_band"},
    "liveprofile.profiles.kernel.statements": {"is_corrected"},
    "liveprofile.profiles.traits.trait": {"Moment"},
}


def source() -> str:
    """The text of `kernel/trait_calls.py`."""
    banded = [trait for trait in TRAITS if trait.bands]
    constants = [f'{path_constant(one)} = PATHS.index("{one.path}")\n' for one in banded]
    constants += [
        f'{one.corrected_by.upper()} = digest32("{one.corrected_by}")\n' for one in banded if one.corrected_by
    ]
    functions = [
        _update(),
        *map(_detector, banded),
        _detect_all("detect_first_traits", "before clusters", JUDGED_FIRST),
        _detect_all("detect_traits", "after interests", [one for one in banded if one not in JUDGED_FIRST]),
        _withdraw([one for one in banded if one.corrected_by]),
        _read_features(),
    ]
    body = "".join(f"\n\n@compiled\n{function}" for function in functions)
    return f"{_HEAD}\n{''.join(_import_lines())}\n{''.join(constants)}{body}"


def path_constant(trait: Trait) -> str:
    """The name of a path's number in compiled code."""
    return f"{trait.name.upper()}_PATH"


def _function_name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", ""))


def _import_lines() -> Iterator[str]:
    names = {module: set(kept) for module, kept in _IMPORTS.items()}
    for function in _functions():
        names.setdefault(function.__module__, set()).add(_function_name(function))
    for module, wanted in sorted(names.items()):
        yield f"from {module} import {', '.join(sorted(wanted, key=_import_order))}\n"


def _import_order(name: str) -> tuple[int, str]:
    """Constants, classes, functions: as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def _functions() -> Iterator[Callable[..., Any]]:
    """Every compiled function named in the declarations."""
    for trait in TRAITS:
        judge = trait.bands.judge if isinstance(trait.bands, Judged) else None
        yield from (one for one in (trait.update, trait.value, trait.enough, judge) if one is not None)
        yield from (one.read for one in trait.features if callable(one.read))


def _update() -> str:
    calls = [f"    {_function_name(one.update)}(row, event, moment)\n" for one in TRAITS if one.update]
    return (
        "def update_declared(row: Row, event: Row, moment: Moment) -> None:\n"
        '    """Apply the activity to every declared trait."""\n' + "".join(calls)
    )


def _detector(trait: Trait) -> str:
    arguments = "row, time_ms, rules" if trait.timed else "row"
    prefix, published = f"rules.{trait.settings}", f"row.{trait.published}"
    if isinstance(trait.bands, Judged):
        lines = [
            f"before = int({published})",
            f"after, bound, value = {_function_name(trait.bands.judge)}(row, before, rules)",
        ]
    else:
        value = f"{_function_name(trait.value)}({arguments})" if trait.value else ""
        lines = [f"before, value = int({published}), {value}", f"after, bound = {_decision(trait.bands, prefix)}"]
    stays = ["after == before"]
    if trait.enough:
        stays.append(f"(before == 0 and not {_function_name(trait.enough)}(row, rules))")
    if trait.corrected_by:
        stays.append(f"is_corrected(row, {trait.corrected_by.upper()})")
    lines += [
        f"if {' or '.join(stays)}:",
        "    return count, 0",
        f"interval_s, path = {prefix}_interval_s, {path_constant(trait)}",
        "band = publish_band(row, path, before, after, bound, value, interval_s, time_ms, most, detections, count)",
        f"{published} = band",
        "return (count + 1, 0) if band == after else (count, 1)",
    ]
    meaning = f'    """Publish another band of `{trait.path}`, if there is one and it is due."""\n'
    head = f"def detect_{trait.name}(\n{_DETECTOR_PARAMETERS}{meaning}"
    return head + "".join(f"    {line}\n" for line in lines)


def _decision(bands: AroundZero | Ladder | None, prefix: str) -> str:
    if isinstance(bands, Ladder):
        return f"on_ladder(before, value, {prefix}_bounds, {prefix}_exit_factor)"
    return f"around_zero(before, value, {prefix}_enter, {prefix}_exit)"


def _detect_all(name: str, when: str, traits: Iterable[Trait]) -> str:
    lines = ["suppressed = 0"]
    for trait in traits:
        moment = "max(row.seen_ms, row.judged_ms)" if trait.timed else "row.seen_ms"
        lines.append(f"count, late = detect_{trait.name}(row, {moment}, 1.0, rules, detections, count)")
        lines.append("suppressed += late")
    return (
        f"def {name}(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:\n"
        f'    """Judge the bands that come {when}; returns the number of detections, and of changes suppressed."""\n'
        + "".join(f"    {line}\n" for line in [*lines, "return count, suppressed"])
    )


def _withdraw(traits: Iterable[Trait]) -> str:
    lines = []
    for trait in traits:
        lines += [
            f"if attribute == {trait.corrected_by.upper()} and row.{trait.published} > 0:",
            f"    record_detection(detections[count], {path_constant(trait)}, int(row.{trait.published}), 0, 0.0, 0.0)",
            f"    row.{trait.published} = 0",
            "    return count + 1",
        ]
    return (
        "def withdraw(row: Row, attribute: int, detections: Detections, count: int) -> int:\n"
        '    """Withdraw the band that the person corrected by an attribute; returns the number of detections."""\n'
        + "".join(f"    {line}\n" for line in [*lines, "return count"])
    )


def _read_features() -> str:
    lines = []
    for feature in (feature for trait in TRAITS for feature in trait.features if feature.read):
        read = f"row.{feature.read}" if isinstance(feature.read, str) else f"{_function_name(feature.read)}(row)"
        lines.append(f"    f.{feature.field_name} = {read}\n")
    return (
        "def read_declared(row: Row, f: Row) -> None:\n"
        '    """Fill in the features that traits declare, as of the newest activity."""\n' + "".join(lines)
    )


if __name__ == "__main__":
    FILE.write_text(source(), encoding="utf-8")
