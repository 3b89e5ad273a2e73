"""AdamW steps with checkpoints for any loss; a resumed training ends with the same weights as an uninterrupted one."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from liveprofile.models.train import checkpoint
from liveprofile.models.train.plan import Plan

CLIP = 1.0
"""Gradients are clipped to this norm."""
DECAY = 0.01

Loss = Callable[[npt.NDArray[np.int64]], Any]
"""From the indices of a step's examples to their loss."""
OnProgress = Callable[[int, float], None]
"""Called with (steps done, loss of the last one)."""


def train(
    network: Any,
    loss: Loss,
    plan: Plan,
    folder: Path,
    *,
    decided_by: Mapping[str, object],
    save_every: int,
    on_progress: OnProgress,
    stop: Callable[[], bool],
) -> bool:
    """Train the parameters of `network` that require gradients, from the checkpoint in `folder`; False if stopped.

    `decided_by` holds everything else that decides the result, and must be the same on resuming. `stop` is called after
    each step. The dropout of a step depends on seed and step alone, so a resumed training draws the same.
    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (ICLR 2019).
    """
    parameters = {name: tensor for name, tensor in network.named_parameters() if tensor.requires_grad}
    optimizer = torch.optim.AdamW(parameters.values(), lr=plan.rate, weight_decay=DECAY)
    choices = asdict(plan) | dict(decided_by)
    done = checkpoint.restore(folder, choices, parameters, optimizer)
    network.train()
    while done < plan.steps:
        value = _step(parameters, optimizer, loss, plan, done)
        done += 1
        on_progress(done, value)
        stopped = stop()
        if stopped or done % save_every == 0 or done == plan.steps:
            checkpoint.save(folder, done, choices, parameters, optimizer)
        if stopped and done < plan.steps:
            return False
    network.eval()
    return True


def _step(parameters: Mapping[str, Any], optimizer: Any, loss: Loss, plan: Plan, step: int) -> float:
    """One step; returns its loss."""
    torch.manual_seed(int(np.random.SeedSequence([plan.seed, step]).generate_state(1)[0]))
    for group in optimizer.param_groups:
        group["lr"] = plan.rate_at(step)
    optimizer.zero_grad()
    value = loss(plan.rows(step))
    value.backward()
    torch.nn.utils.clip_grad_norm_(parameters.values(), CLIP)
    optimizer.step()
    return float(value.detach())
