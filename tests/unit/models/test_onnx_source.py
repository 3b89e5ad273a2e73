"""A BERT in an ONNX file gives its weights and what the weights do not say; another graph is refused."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from support.onnx_bert import write_onnx_bert

from liveprofile.models.errors import ModelError
from liveprofile.models.onnx_config import find_config
from liveprofile.models.onnx_source import read_onnx_weights


def test_all_weights_are_read_as_hugging_face_has_them(tmp_path: Path) -> None:
    """Matrices have lost their names in the graph, and are transposed there."""
    expected = write_onnx_bert(tmp_path / "model.onnx")
    found = read_onnx_weights(tmp_path / "model.onnx")
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@pytest.mark.parametrize("heads", [2, 4])
@pytest.mark.parametrize("epsilon", [1e-12, 1e-5])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_what_the_weights_do_not_say_is_found_by_trial(
    tmp_path: Path, heads: int, epsilon: float, pooling: str
) -> None:
    """The candidate that gives the file's own vectors is right; epsilon hardly shows, so either may be found."""
    weights = write_onnx_bert(tmp_path / "model.onnx", num_attention_heads=heads, layer_norm_eps=epsilon)
    config = find_config(tmp_path / "model.onnx", weights, pooling)
    assert (config.heads, config.layers, config.hidden, config.intermediate) == (heads, 2, 32, 48)
    assert (config.activation, config.pooling) == ("gelu", pooling)


def test_a_graph_that_is_computed_otherwise_is_refused(tmp_path: Path) -> None:
    """Its weights have the right names, and other values than the graph uses."""
    weights = write_onnx_bert(tmp_path / "model.onnx")
    wrong = dict(weights) | {"encoder.layer.0.output.dense.weight": weights["encoder.layer.1.output.dense.weight"]}
    with pytest.raises(ModelError, match="no plain BERT"):
        find_config(tmp_path / "model.onnx", wrong, "mean")


def test_a_graph_with_other_inputs_is_refused_by_their_names(tmp_path: Path) -> None:
    pixels = helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["pixel_values"], ["out"])], "vision", [pixels], [out])
    onnx.save(helper.make_model(graph), tmp_path / "model.onnx")
    with pytest.raises(ModelError, match="pixel_values"):
        read_onnx_weights(tmp_path / "model.onnx")


def test_a_quantised_graph_lacks_its_matrices_and_is_refused(tmp_path: Path) -> None:
    """Its integers are no weights to quantise again."""
    write_onnx_bert(tmp_path / "model.onnx")
    model = onnx.load(tmp_path / "model.onnx")
    for one in model.graph.initializer:
        if one.name.startswith("onnx::MatMul"):
            one.data_type = TensorProto.INT32
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(ModelError, match=r"lacks encoder\.layer\.0\.attention\.self\.query\.weight"):
        read_onnx_weights(tmp_path / "model.onnx")


def test_a_file_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"\x00not a graph")
    with pytest.raises(ModelError):
        read_onnx_weights(tmp_path / "model.onnx")
