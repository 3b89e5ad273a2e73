"""Low-rank adapters on every dense layer of the encoder, merged into its weights at the end.

Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (ICLR 2022), by peft.
"""

from typing import Any

import torch
from peft import LoraConfig, get_peft_model

TARGETS = ["query", "key", "value", "dense"]


def adapted(bert: Any, rank: int, seed: int) -> Any:
    """`bert` with adapters of `rank`; only the adapters are trained, their initial values are drawn from `seed`."""
    torch.manual_seed(seed)
    return get_peft_model(bert, LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=TARGETS))


def merged(network: Any) -> Any:
    """The plain encoder with the adapters added to its weights."""
    return network.merge_and_unload()
