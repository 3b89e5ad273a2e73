"""A BERT in torch: reads weights, tokenizer and pooling as the exporter does, and writes a folder for the exporter."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import BertConfig as HfConfig
from transformers import BertModel

from liveprofile.models.bert_config import BertConfig, read_bert_config
from liveprofile.models.errors import ModelError
from liveprofile.models.hf_tokenizer import read_tokenizer
from liveprofile.models.weights import BESIDE, WEIGHTS_FILE, find_weights, read_weights


class TextModel:
    """Texts to unit vectors, with gradients; `bert` is the trained network."""

    def __init__(self, bert: Any, config: BertConfig, tokenizer: Tokenizer, pad_id: int, prefix: str) -> None:
        self.bert = bert
        self.config = config
        self._tokenizer = tokenizer
        self._pad_id = pad_id
        self._prefix = prefix

    @classmethod
    def load(cls, folder: Path, max_tokens: int, prefix: str = "", layers: Sequence[int] | None = None) -> Self:
        """Read `folder`; texts are cut to `max_tokens`. With `layers`, only these layers are kept, in the given order.

        ModelError if the exporter could not read the folder either.
        """
        config = read_bert_config(folder)
        tensors = read_weights(find_weights(folder))
        kept = list(range(config.layers) if layers is None else layers)
        shape = HfConfig.from_pretrained(folder, local_files_only=True, num_hidden_layers=len(kept))
        bert = BertModel(shape, add_pooling_layer=False)
        wanted = {name: tensors.get(_source(name, kept)) for name in bert.state_dict()}
        if missing := [name for name, tensor in wanted.items() if tensor is None]:
            raise ModelError(f"{folder} has no weight {missing[0]}", "Fetch the model again.")
        bert.load_state_dict({name: torch.from_numpy(np.array(tensor)) for name, tensor in wanted.items()})
        data, _, pad_id = read_tokenizer(folder)
        tokenizer = Tokenizer.from_buffer(data)
        tokenizer.no_padding()
        tokenizer.enable_truncation(min(max_tokens, config.max_tokens))
        return cls(bert, config, tokenizer, pad_id, prefix)

    def embed(self, texts: Sequence[str]) -> torch.Tensor:
        """(n, hidden) unit rows, through which gradients flow."""
        ids, mask = self._tokens(texts)
        states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        pooled = states[:, 0]
        if self.config.pooling == "mean":
            weights = mask.unsqueeze(-1).to(states.dtype)
            pooled = (states * weights).sum(dim=1) / weights.sum(dim=1)
        return torch.nn.functional.normalize(pooled, dim=-1)

    def _tokens(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """(texts, longest) ids and mask, int64."""
        encoded = [self._tokenizer.encode(self._prefix + text).ids for text in texts]
        longest = max(map(len, encoded))
        ids = torch.tensor([row + [self._pad_id] * (longest - len(row)) for row in encoded])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in encoded])
        return ids, mask


def save(bert: Any, source: Path, out: Path) -> None:
    """Write `bert` as a Hugging Face folder that the exporter reads; tokenizer and pooling are those of `source`."""
    out.mkdir(parents=True, exist_ok=True)
    for name in BESIDE:
        if (source / name).is_file():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, out / name)
    config = json.loads((source / "config.json").read_text("utf-8"))
    config |= {"architectures": ["BertModel"], "num_hidden_layers": bert.config.num_hidden_layers, "dtype": "float32"}
    config.pop("torch_dtype", None)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    tensors = {name: tensor.detach().contiguous() for name, tensor in bert.state_dict().items()}
    save_file(tensors, out / WEIGHTS_FILE, metadata={"format": "pt"})


def _source(name: str, kept: Sequence[int]) -> str:
    """The name of a weight in the teacher: the student's layer i is the teacher's layer kept[i].

    >>> _source("encoder.layer.1.output.dense.bias", [0, 2, 5])
    'encoder.layer.2.output.dense.bias'
    """
    parts = name.split(".")
    if parts[:2] == ["encoder", "layer"]:
        parts[2] = str(kept[int(parts[2])])
    return ".".join(parts)
