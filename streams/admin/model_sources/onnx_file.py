"""A Hugging Face folder made of an ONNX file and its tokenizer: weights, config and pooling as an export reads them."""

import json
import shutil
import tempfile
from pathlib import Path

from safetensors.numpy import save_file

from liveprofile.models.bert_config import BertConfig
from liveprofile.models.errors import ModelError
from liveprofile.models.onnx_config import find_config
from liveprofile.models.onnx_source import read_onnx_weights
from liveprofile.models.weights import WEIGHTS_FILE, sha256_of

TOKENIZER = "tokenizer.json"
POOLING = "1_Pooling/config.json"
KEPT = (WEIGHTS_FILE, "config.json", TOKENIZER, POOLING)
MODES = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token"}


def folder_of_onnx(model: Path, pooling: str, cache: Path) -> Path:
    """The folder for the graph in `model`, made once; the tokenizer is looked for beside it.

    `pooling`, `mean` or `cls`, is not in the graph. ModelError where the graph is no plain BERT, or has no tokenizer.
    """
    return convert(model, tokenizer_beside(model), pooling, cache / f"onnx-{sha256_of(model)[:12]}-{pooling}")


def tokenizer_beside(model: Path) -> Path:
    """`tokenizer.json`, or `NAME-tokenizer.json`, in the folder of the graph."""
    for name in (TOKENIZER, f"{model.stem}-{TOKENIZER}"):
        if (found := model.with_name(name)).is_file():
            return found
    raise ModelError(
        f"{model} has no tokenizer beside it", f"Put the model's {TOKENIZER} into {model.parent}, and export again."
    )


def convert(model: Path, tokenizer: Path, pooling: str, final: Path) -> Path:
    """Make the folder `final`, whole or not at all; return at once if it is there."""
    if all((final / name).is_file() for name in KEPT):
        return final
    weights = read_onnx_weights(model)
    config = find_config(model, weights, pooling)
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="converting-", dir=final.parent) as temporary:
        made = Path(temporary) / "made"
        (made / POOLING).parent.mkdir(parents=True)
        save_file(weights, made / WEIGHTS_FILE)
        (made / "config.json").write_text(json.dumps(_as_hugging_face(config), indent=2))
        (made / POOLING).write_text(json.dumps({MODES[pooling]: True}))
        shutil.copyfile(tokenizer, made / TOKENIZER)
        shutil.rmtree(final, ignore_errors=True)
        made.replace(final)
    return final


def _as_hugging_face(config: BertConfig) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": config.activation,
        "hidden_size": config.hidden,
        "intermediate_size": config.intermediate,
        "layer_norm_eps": config.layer_norm_eps,
        "max_position_embeddings": config.positions,
        "num_attention_heads": config.heads,
        "num_hidden_layers": config.layers,
        "vocab_size": config.vocabulary,
    }
