"""A BERT small enough for a test: random weights, a vocabulary of letters, files as Hugging Face has them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

CONFIG: dict[str, Any] = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 32,
    "intermediate_size": 48,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 40,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}
LETTERS = [f"{prefix}{chr(letter)}" for prefix in ("", "##") for letter in range(ord("a"), ord("z") + 1)]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *"0123456789"]


def random_weights(config: dict[str, Any], seed: int = 5) -> dict[str, Any]:
    """Every tensor of a BertModel, drawn so that attention and feed-forward both matter."""
    rng, hidden, wide = np.random.default_rng(seed), config["hidden_size"], config["intermediate_size"]
    shapes = {
        "embeddings.word_embeddings.weight": (config["vocab_size"], hidden),
        "embeddings.position_embeddings.weight": (config["max_position_embeddings"], hidden),
        "embeddings.token_type_embeddings.weight": (config["type_vocab_size"], hidden),
        "embeddings.LayerNorm.weight": (hidden,),
        "embeddings.LayerNorm.bias": (hidden,),
    }
    for layer in range(config["num_hidden_layers"]):
        scope = f"encoder.layer.{layer}"
        dense = {f"attention.self.{part}": (hidden, hidden) for part in ("query", "key", "value")}
        dense |= {"attention.output.dense": (hidden, hidden)}
        dense |= {"intermediate.dense": (wide, hidden), "output.dense": (hidden, wide)}
        for name, shape in dense.items():
            shapes |= {f"{scope}.{name}.weight": shape, f"{scope}.{name}.bias": shape[:1]}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{scope}.{name}.weight": (hidden,), f"{scope}.{name}.bias": (hidden,)}
    centres = {name: float(name.endswith("LayerNorm.weight")) for name in shapes}
    return {name: rng.normal(centres[name], 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def write_tiny_bert(folder: Path, pooling: str | None = None, prefix: str = "", **changes: Any) -> Path:
    """Write a model folder; keyword arguments change config.json, `pooling` and `prefix` what their names say."""
    (folder / "1_Pooling").mkdir(parents=True)
    config = CONFIG | {"vocab_size": len(VOCABULARY)} | changes
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    tokenizer = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 40}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    if pooling:
        (folder / "1_Pooling" / "config.json").write_text(json.dumps({pooling: True, "word_embedding_dimension": 32}))
    weights = {prefix + tensor: value for tensor, value in random_weights(config).items()}
    save_file(weights, folder / "model.safetensors")
    return folder
