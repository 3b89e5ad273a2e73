"""What settings are worth: a task again with one thing changed, beside the task as it is, on the same cases."""

import dataclasses
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from models.clusterers.registry import CLUSTERERS
from models.variants import in_float32, with_dims
from profiles.row import SLOTS
from streams.backtest.cases import OURS, Cases, Figured, Forecast, Ranked
from streams.backtest.figures.ablation import ablated
from streams.backtest.run import Run, Task
from streams.errors import UserError
from streams.settings import Settings

FACTORS = (0.5, 2.0, 4.0)
"""Of half-lives."""
DIMS = (32, 64, 128, 256, 384)
SLOT_COUNTS = (1, 2, 4, SLOTS)
CLUSTER_COUNTS = (8, 16, 32)
ABLATIONS, INTERVALS = "ablations", "ablation_intervals"


class Variant(NamedTuple):
    """One thing changed."""

    name: str
    change: Callable[[Settings, Path], Settings]
    """Gives the settings of the variant; models are made in the folder."""


def variants(groups: Sequence[str], settings: Settings) -> list[Variant]:
    """The variants of some groups, in their order, without what the settings are already. UserError for another name.

    Profiles have room for `SLOTS` interests, so more of them would be another layout of profiles, not a setting.
    """
    for name in groups:
        if name not in GROUPS:
            raise UserError(f"There is nothing called {name} to vary.", f"Take some of: {', '.join(GROUPS)}.")
    return [variant for name in groups for variant in GROUPS[name](settings)]


async def with_ablations(task: Task, run: Run, groups: Sequence[str]) -> Sequence[Cases]:
    """The task's cases, which also tell what ours makes of them in each variant."""
    chosen = variants(groups, run.settings)
    whole = await task(_part(run, run.settings, 0, len(chosen) + 1))
    found: dict[str, Sequence[Cases]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for at, variant in enumerate(chosen):
            place = Path(folder) / str(at)
            settings = variant.change(run.settings, place)
            found[variant.name] = await task(_part(run, settings, at + 1, len(chosen) + 1))
    return [_telling(one, {name: of[at] for name, of in found.items()}, run.seed) for at, one in enumerate(whole)]


def _part(run: Run, settings: Settings, at: int, parts: int) -> Run:
    """The same run with settings of its own, as one of several parts of the work."""
    progress = run.progress
    return dataclasses.replace(run, settings=settings, progress=lambda share: progress((at + share) / parts))


def _telling(whole: Cases, found: Mapping[str, Cases], seed: int) -> Cases:
    """The cases with the variants' figures beside what they told before."""
    told = dict(whole.told)
    for name, figures in _figures(whole, found, seed).items():
        told[name] = {**told.get(name, {}), **figures}
    return dataclasses.replace(whole, told=told)


def _figures(whole: Cases, found: Mapping[str, Cases], seed: int) -> dict[str, Any]:
    if isinstance(whole, Figured):
        return {ABLATIONS: {name: one.methods[OURS] for name, one in found.items() if isinstance(one, Figured)}}
    alike: dict[str, Ranked | Forecast] = {name: one for name, one in found.items() if not isinstance(one, Figured)}
    return ablated(whole, alike, seed)


def _policy(settings: Settings, **changes: Any) -> Settings:
    """The settings with another policy."""
    policy = dataclasses.replace(settings.profile.policy, **changes)
    return msgspec.structs.replace(settings, profile=msgspec.structs.replace(settings.profile, policy=policy))


def _half_lives(settings: Settings) -> Iterator[Variant]:
    policy = settings.profile.policy
    for factor in FACTORS:
        changes = {
            name: factor * getattr(policy, name)
            for name in ("session_half_life_s", "short_half_life_s", "long_half_life_s")
        }
        yield Variant(
            f"half-lives of interests x {factor:g}", lambda given, _, changes=changes: _policy(given, **changes)
        )


def _items(settings: Settings) -> Iterator[Variant]:
    for factor in FACTORS:
        items = msgspec.structs.replace(settings.items, half_life_s=factor * settings.items.half_life_s)
        yield Variant(
            f"half-life of items x {factor:g}",
            lambda given, _, items=items: msgspec.structs.replace(given, items=items),
        )


def _slots(settings: Settings) -> Iterator[Variant]:
    for count in SLOT_COUNTS:
        if count != settings.profile.policy.slots:
            yield Variant(f"slots: {count}", lambda given, _, count=count: _policy(given, slots=count))


def _dims(settings: Settings) -> Iterator[Variant]:
    for dims in DIMS:
        if dims != settings.profile.policy.dims:
            yield Variant(f"dimensions: {dims}", lambda given, folder, dims=dims: _in_dims(given, folder, dims))


def _in_dims(settings: Settings, folder: Path, dims: int) -> Settings:
    with_dims(settings.model_path, folder, dims)
    return msgspec.structs.replace(_policy(settings, dims=dims), model_dir=str(folder))


def _precision(settings: Settings) -> Iterator[Variant]:
    yield Variant("float32 instead of int8", _float32)


def _float32(settings: Settings, folder: Path) -> Settings:
    in_float32(settings.model_path, folder)
    return msgspec.structs.replace(settings, model_dir=str(folder))


def _clusterers(settings: Settings) -> Iterator[Variant]:
    for name in CLUSTERERS:
        if name != settings.learn.clusterer:
            yield Variant(f"clusterer: {name}", lambda given, _, name=name: _learn(given, clusterer=name))
    for count in CLUSTER_COUNTS:
        if count != settings.learn.clusters:
            yield Variant(f"clusters: {count}", lambda given, _, count=count: _learn(given, clusters=count))


def _learn(settings: Settings, **changes: Any) -> Settings:
    return msgspec.structs.replace(settings, learn=msgspec.structs.replace(settings.learn, **changes))


GROUPS: dict[str, Callable[[Settings], Iterator[Variant]]] = {
    "half-lives": _half_lives,
    "items": _items,
    "slots": _slots,
    "dims": _dims,
    "precision": _precision,
    "clusterers": _clusterers,
}
"""What can be varied, by the name that --ablate takes."""
