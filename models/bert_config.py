"""Reads a BERT's configuration from a Hugging Face folder: sizes, activation, pooling, length. Refuses other models."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveprofile.models.errors import ModelError

BERTS = ("BertModel", "BertForMaskedLM", "BertForPreTraining")
ENCODERS = frozenset({*BERTS, "XLMRobertaModel", "XLMRobertaForMaskedLM"})
"""Architectures with the plain BERT encoder of Devlin et al. (NAACL 2019) and any head. XLM-R's (Conneau et al., ACL
2020) differs only in where its positions begin."""
ROBERTA = "xlm-roberta"
FAMILIES = frozenset({"bert", ROBERTA})

ACTIVATIONS = frozenset({"gelu", "gelu_new", "gelu_pytorch_tanh", "relu"})
KNOWN_MODULES = frozenset({"Transformer", "Pooling", "Normalize"})
POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}


@dataclass(frozen=True)
class BertConfig:
    """The numbers that decide the shape of the graph."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    """Rows of the position table that stand for a place in a text: the longest text in tokens."""
    activation: str
    layer_norm_eps: float
    pooling: str
    """`mean` over the text's tokens, or `cls`: the first token."""
    max_tokens: int
    """Texts are cut to this length: `max_seq_length` of sentence-transformers, else the number of positions."""
    first_position: int = 0
    """Row of the position table of a text's first token; XLM-R's come after the row of its padding."""

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.hidden // self.heads


def read_bert_config(folder: Path) -> BertConfig:
    """Read `folder`; raise ModelError for anything but a plain BERT with mean or cls pooling."""
    config = _read_json(folder / "config.json")
    _refuse_other_models(config)
    _refuse_other_modules(folder)
    limits = _read_json(folder / "sentence_bert_config.json", optional=True)
    first = int(config.get("pad_token_id", 1)) + 1 if config["model_type"] == ROBERTA else 0
    positions = int(config["max_position_embeddings"]) - first
    return BertConfig(
        hidden=int(config["hidden_size"]),
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        intermediate=int(config["intermediate_size"]),
        vocabulary=int(config["vocab_size"]),
        positions=positions,
        activation=config.get("hidden_act", "gelu"),
        layer_norm_eps=float(config.get("layer_norm_eps", 1e-12)),
        pooling=_read_pooling(folder),
        max_tokens=min(int(limits.get("max_seq_length") or positions), positions),
        first_position=first,
    )


def _read_json(path: Path, *, optional: bool = False) -> dict[str, Any]:
    """One JSON object; an empty one for an optional file that is missing."""
    if optional and not path.exists():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{path} is missing",
            "Point --from at a folder as Hugging Face's save_pretrained writes it: config.json, model.safetensors, "
            "tokenizer.json or vocab.txt.",
        ) from None
    except ValueError as error:
        raise ModelError(f"{path} is not JSON ({error})", "Fetch the file again.") from None
    if not isinstance(found, dict):
        raise ModelError(f"{path} holds a {type(found).__name__}, expected an object", "Fetch the file again.")
    return found


def _refuse_other_models(config: dict[str, Any]) -> None:
    """Raise for other families, decoders, custom code or relative positions: a BERT graph would give wrong vectors."""
    architectures = config.get("architectures") or ["BertModel"]
    _require("model_type", config.get("model_type"), FAMILIES)
    for architecture in architectures:
        _require("architectures", architecture, ENCODERS)
    _require("position_embedding_type", config.get("position_embedding_type", "absolute"), {"absolute"})
    _require("hidden_act", config.get("hidden_act", "gelu"), ACTIVATIONS)
    _require("is_decoder", bool(config.get("is_decoder")), {False})
    _require("auto_map", bool(config.get("auto_map")), {False})
    if config["hidden_size"] % config["num_attention_heads"]:
        raise ModelError(
            f"hidden_size {config['hidden_size']} is not a multiple of num_attention_heads "
            f"{config['num_attention_heads']}",
            "config.json is damaged: fetch the model again.",
        )


def _require(name: str, value: object, allowed: frozenset[str] | set[Any]) -> None:
    """Raise unless config.json's `name` has one of the values that the graph was written for."""
    if value not in allowed:
        raise ModelError(
            f"config.json has {name} = {value!r}, supported: {', '.join(sorted(map(str, allowed)))}",
            "Only plain encoders of BERT and XLM-R can be exported: choose one such as all-MiniLM-L6-v2, "
            "bge-small-en-v1.5, bge-small-zh-v1.5, multilingual-e5-small or gte-small.",
        )


def _refuse_other_modules(folder: Path) -> None:
    """Raise for any module after the encoder other than pooling and normalisation: the export would lose it."""
    path = folder / "modules.json"
    if not path.exists():
        return
    for module in json.loads(path.read_text("utf-8")):
        kind = str(module.get("type", "")).rsplit(".", 1)[-1]
        if kind not in KNOWN_MODULES:
            raise ModelError(
                f"modules.json lists a {kind} module, supported: {', '.join(sorted(KNOWN_MODULES))}",
                "Choose a model without it: the export would lose it.",
            )


def _read_pooling(folder: Path) -> str:
    """`mean` unless sentence-transformers' pooling file says `cls`."""
    config = _read_json(folder / "1_Pooling" / "config.json", optional=True)
    chosen = [key for key, value in config.items() if key.startswith("pooling_mode_") and value]
    unknown = [key for key in chosen if key not in POOLINGS]
    if unknown or len(chosen) > 1:
        raise ModelError(
            f"1_Pooling/config.json asks for {', '.join(chosen)}, supported: one of {', '.join(POOLINGS)}",
            "Choose a model with mean or cls pooling.",
        )
    return POOLINGS[chosen[0]] if chosen else "mean"
