"""Ablations of settings: a task is repeated with one change at a time and compared on the same cases."""

import dataclasses
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from liveprofile.models.clusterers.registry import CLUSTERERS
from liveprofile.models.variants import in_float32, with_dims
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.row import SCALES, SLOTS
from liveprofile.streams.backtest.figures.ablation import ablated
from liveprofile.streams.backtest.task.cases import OURS, Cases, Figured, Forecast, Ranked
from liveprofile.streams.backtest.task.run import Run, Task
from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.sections import Items, Learn

FACTORS = (0.5, 2.0, 4.0)
"""Of half-lives."""
DIMS = (32, 64, 128, 256, 384)
SLOT_COUNTS = (1, 2, 4, SLOTS)
CLUSTER_COUNTS = (8, 16, 32)
ALL = "settings"
ABLATIONS = "ablations"


class Variant(NamedTuple):
    """One changed setting."""

    name: str
    change: Callable[[Settings, Path], Settings]
    """Returns the settings of the variant; models are written to the folder."""


def variants(groups: Sequence[str], settings: Settings) -> list[Variant]:
    """The variants of some groups, in order, without the present value. UserError for an unknown group.

    `ALL` stands for every group. Profiles have room for `SLOTS` interests: more would need another layout of profiles.
    """
    groups = list(GROUPS) if list(groups) == [ALL] else groups
    for name in groups:
        if name not in GROUPS:
            known = ", ".join([*GROUPS, ALL])
            raise UserError(f"There is nothing called {name} to vary.", f"Take {known}; several with commas between.")
    return [variant for name in groups for variant in GROUPS[name](settings)]


def ablating(task: Task, groups: Sequence[str], settings: Settings) -> Task:
    """The task with figures of our method in each variant added to its cases. UserError for an unknown group."""
    return partial(_run_all, task, variants(groups, settings))


async def _run_all(task: Task, chosen: Sequence[Variant], run: Run) -> Sequence[Cases]:
    whole = await task(_token_share(run, run.settings, 0, len(chosen) + 1))
    found: dict[str, Sequence[Cases]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for at, variant in enumerate(chosen):
            place = Path(folder) / str(at)
            settings = variant.change(run.settings, place)
            found[variant.name] = await task(_token_share(run, settings, at + 1, len(chosen) + 1, alone=True))
    return [_with_variants(one, {name: of[at] for name, of in found.items()}, run.seed) for at, one in enumerate(whole)]


def _token_share(run: Run, settings: Settings, at: int, parts: int, *, alone: bool = False) -> Run:
    """The run with other settings, as one of several parts of the work."""
    progress = run.progress
    return dataclasses.replace(
        run, settings=settings, alone=alone, progress=lambda share: progress((at + share) / parts)
    )


def _with_variants(whole: Cases, found: Mapping[str, Cases], seed: int) -> Cases:
    """The cases with the variants' figures added to their details."""
    details = dict(whole.details)
    for name, figures in _figures(whole, found, seed).items():
        details[name] = {**details.get(name, {}), **figures}
    return dataclasses.replace(whole, details=details)


def _figures(whole: Cases, found: Mapping[str, Cases], seed: int) -> dict[str, Any]:
    if isinstance(whole, Figured):
        return {ABLATIONS: {name: one.methods[OURS] for name, one in found.items() if isinstance(one, Figured)}}
    alike: dict[str, Ranked | Forecast] = {name: one for name, one in found.items() if not isinstance(one, Figured)}
    return ablated(whole, alike, seed)


def _half_lives(settings: Settings) -> Iterator[Variant]:
    policy = settings.profile.policy
    for factor in FACTORS:
        half_lives = {f"decay.half_life_s.{scale}": factor * policy.decay.half_life_s[scale] for scale in SCALES}
        other = policy.changed(half_lives)
        yield Variant(f"half-lives of interests x {factor:g}", partial(_with_policy, other))


def _items(settings: Settings) -> Iterator[Variant]:
    for factor in FACTORS:
        items = replace(settings.items, half_life_s=factor * settings.items.half_life_s)
        yield Variant(f"half-life of items x {factor:g}", partial(_with_items, items))


def _slots(settings: Settings) -> Iterator[Variant]:
    policy = settings.profile.policy
    for count in SLOT_COUNTS:
        if count != policy.slots.most:
            yield Variant(f"slots: {count}", partial(_with_policy, policy.changed({"slots.most": count})))


def _dims(settings: Settings) -> Iterator[Variant]:
    for dims in DIMS:
        if dims != settings.profile.policy.dims:
            yield Variant(f"dimensions: {dims}", partial(_with_dims, dims))


def _precision(_: Settings) -> Iterator[Variant]:
    yield Variant("float32 instead of int8", _in_float32)


def _clusterers(settings: Settings) -> Iterator[Variant]:
    for name in CLUSTERERS:
        if name != settings.learn.clusterer:
            yield Variant(f"clusterer: {name}", partial(_with_learn, replace(settings.learn, clusterer=name)))
    for count in CLUSTER_COUNTS:
        if count != settings.learn.clusters:
            yield Variant(f"clusters: {count}", partial(_with_learn, replace(settings.learn, clusters=count)))


GROUPS: dict[str, Callable[[Settings], Iterator[Variant]]] = {
    "half-lives": _half_lives,
    "items": _items,
    "slots": _slots,
    "dims": _dims,
    "precision": _precision,
    "clusterers": _clusterers,
}
"""Groups of variants by the name that --ablate takes."""


def _with_policy(policy: Policy, settings: Settings, _: Path) -> Settings:
    return replace(settings, profile=replace(settings.profile, policy=policy))


def _with_items(items: Items, settings: Settings, _: Path) -> Settings:
    return replace(settings, items=items)


def _with_learn(learn: Learn, settings: Settings, _: Path) -> Settings:
    return replace(settings, learn=learn)


def _with_dims(dims: int, settings: Settings, folder: Path) -> Settings:
    with_dims(settings.model_path, folder, dims)
    policy = settings.profile.policy.changed({"dims": dims})
    return replace(_with_policy(policy, settings, folder), model_dir=str(folder))


def _in_float32(settings: Settings, folder: Path) -> Settings:
    in_float32(settings.model_path, folder)
    return replace(settings, model_dir=str(folder))
