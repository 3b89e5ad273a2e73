"""Checkpoints of a training: weights and optimizer state as safetensors, the rest as JSON; the newest is kept.

`checkpoint-00000300/`
    weights.safetensors     every trained tensor, by its name
    optimizer.safetensors   AdamW's `step`, `exp_avg` and `exp_avg_sq` of each, as `name/step` …
    state.json              layout, steps done, and everything that decides the result (key `course`)
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from liveprofile.models.errors import ModelError

LAYOUT = 1
MAKING = "making"
"""Folder of a checkpoint that is being written; a left one was interrupted."""
PREFIX = "checkpoint-"
WEIGHTS, OPTIMIZER, STATE = "weights.safetensors", "optimizer.safetensors", "state.json"

Parameters = Mapping[str, Any]
"""The trained tensors, by name."""


def save(folder: Path, step: int, decided_by: Mapping[str, object], parameters: Parameters, optimizer: Any) -> None:
    """Write the state after `step` steps, whole or not at all, and remove older ones."""
    final = folder / f"{PREFIX}{step:08d}"
    work = folder / MAKING
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    save_file({name: tensor.detach().contiguous() for name, tensor in parameters.items()}, work / WEIGHTS)
    moments = {
        f"{name}/{kind}": value.contiguous()
        for name, tensor in parameters.items()
        for kind, value in optimizer.state[tensor].items()
    }
    save_file(moments, work / OPTIMIZER)
    state = {"layout": LAYOUT, "step": step, "course": dict(decided_by)}
    (work / STATE).write_text(json.dumps(state, indent=2) + "\n", "utf-8")
    older = [path for path in _all(folder) if path != final]
    shutil.rmtree(final, ignore_errors=True)
    work.rename(final)
    for path in older:
        shutil.rmtree(path, ignore_errors=True)


def restore(folder: Path, decided_by: Mapping[str, object], parameters: Parameters, optimizer: Any) -> int:
    """Load the newest checkpoint; returns the steps done, 0 without a checkpoint.

    ModelError if it belongs to another training (it was `decided_by` other values), or cannot be read.
    """
    found = _all(folder)
    if not found:
        return 0
    newest = found[-1]
    try:
        state = json.loads((newest / STATE).read_text("utf-8"))
        weights, moments = load_file(newest / WEIGHTS), load_file(newest / OPTIMIZER)
        if state["layout"] != LAYOUT:
            raise ValueError(f"layout {state['layout']}, this version reads {LAYOUT}")
        _refuse_other_training(newest, state["course"], decided_by)
        if weights.keys() != parameters.keys():
            raise ValueError("its weights have other names")
        step = int(state["step"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ModelError(f"{newest} cannot be read ({error})", "Delete the folder and begin again.") from error
    with torch.no_grad():
        for name, tensor in parameters.items():
            tensor.copy_(weights[name])
            kinds = ("step", "exp_avg", "exp_avg_sq")
            optimizer.state[tensor] = {kind: moments[f"{name}/{kind}"] for kind in kinds}
    return step


def is_there(folder: Path) -> bool:
    """Whether `folder` holds a checkpoint."""
    return bool(_all(folder))


def _all(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{PREFIX}*"))


def _refuse_other_training(newest: Path, found: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    now = json.loads(json.dumps(dict(wanted)))
    different = [f"{name} {found.get(name)} then, {now.get(name)} now" for name in now if found.get(name) != now[name]]
    if different:
        raise ModelError(
            f"{newest} belongs to another training: {'; '.join(different)}",
            "Resume with the same arguments and files, or name another --out.",
        )
