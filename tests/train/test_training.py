"""A few steps of training on a tiny BERT: what is learnt, resumed, exported and refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from liveprofile.models.embedder import Embedder
from liveprofile.models.errors import ModelError
from liveprofile.models.recipe import Recipe
from liveprofile.models.train.pairs import Pair, Split, split

pytestmark = pytest.mark.usefixtures("torch_is_there", "few_texts")

TinyBert = Callable[..., Path]
Weights = dict[str, Any]
COLOURS = ("red", "blue", "green", "pink", "gold", "grey", "teal", "plum")
THINGS = ("pan", "pot", "lamp", "tent", "ring", "sofa", "drum", "kite")


@pytest.fixture
def pairs() -> Split:
    """A colour and thing go with the thing and colour the other way round."""
    texts = [(f"{colour} {thing}", f"{thing} {number}") for colour in COLOURS for number, thing in enumerate(THINGS)]
    return split([Pair(anchor, positive, anchor.split()[0]) for anchor, positive in texts], 0.2, seed=3)


def tuning(source: Path, pairs: Split, out: Path, stop_after: int = 10**9, **choices: Any) -> Any:
    """A fine-tuning of six steps that is stopped after `stop_after`."""
    from liveprofile.models.train.finetune import Choices, FineTuning
    from liveprofile.models.train.folder import Folder
    from liveprofile.models.train.watch import Watch

    done = [0]
    watch = Watch(lambda *_: None, lambda step, *_: done.__setitem__(0, step), lambda: done[0] >= stop_after)
    defaults = {"steps": 6, "batch": 8, "rate": 1e-3, "seed": 4}
    return FineTuning(Recipe(source, dims=16), pairs, Choices(**(defaults | choices)), Folder(out), watch)


def weights_of(folder: Path) -> Weights:
    found: Weights = load_file(folder / "weights" / "model.safetensors")
    return found


def same(left: Weights, right: Weights) -> bool:
    return left.keys() == right.keys() and all(np.array_equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("lora", [False, True])
def test_three_steps_and_three_resumed_end_with_the_weights_of_six(
    tiny_bert: TinyBert, pairs: Split, tmp_path: Path, lora: bool
) -> None:
    source = tiny_bert()
    assert tuning(source, pairs, tmp_path / "whole", lora=lora).run()
    assert tuning(source, pairs, tmp_path / "parts", lora=lora, stop_after=3).run() is None
    assert [path.name for path in (tmp_path / "parts").iterdir()] == ["checkpoint-00000003"]
    assert tuning(source, pairs, tmp_path / "parts", lora=lora).run(resume=True)
    assert same(weights_of(tmp_path / "whole"), weights_of(tmp_path / "parts"))


def test_another_seed_ends_with_other_weights(tiny_bert: TinyBert, pairs: Split, tmp_path: Path) -> None:
    source = tiny_bert()
    for seed in (4, 5):
        tuning(source, pairs, tmp_path / str(seed), seed=seed).run()
    assert not same(weights_of(tmp_path / "4"), weights_of(tmp_path / "5"))


@pytest.mark.parametrize("lora", [False, True])
def test_what_is_learnt_is_found_again_in_float32_and_int8(
    tiny_bert: TinyBert, pairs: Split, tmp_path: Path, lora: bool
) -> None:
    found = tuning(tiny_bert(), pairs, tmp_path / "shop", lora=lora, steps=60, rate=5e-3, symmetric=True).run()
    for kind in ("float32", "int8"):
        assert found["after"][kind]["mrr"] > found["before"][kind]["mrr"] + 0.1, found
    assert found["after"]["float32"]["n"] == len(pairs.held_out)
    assert found["texts_per_s"]["after"] > 0


def test_the_exported_model_is_the_trained_one_and_named_for_its_folder(
    tiny_bert: TinyBert, pairs: Split, tmp_path: Path
) -> None:
    import torch

    from liveprofile.models.train.bert import TextModel
    from liveprofile.models.train.exported import Exported

    tuning(tiny_bert(pooling="pooling_mode_cls_token"), pairs, tmp_path / "shop", steps=3).run()
    texts = ["red pan", "a much longer title of a lamp", "ring"]
    trained = TextModel.load(tmp_path / "shop" / "weights", 40)
    trained.bert.eval()
    with torch.no_grad():
        expected = trained.embed(texts).numpy()
    recipe = Recipe(tmp_path / "shop" / "weights", dims=16, name="shop")
    found = Exported.make(recipe, tmp_path / "shop" / "model", lambda *_: None).reference.encode(texts)
    assert np.allclose(found, expected, atol=1e-5)
    assert Embedder.load(tmp_path / "shop" / "model").model_id.startswith("shop-int8@")


def test_training_starts_from_the_weights_of_the_source(tiny_bert: TinyBert) -> None:
    import torch

    from liveprofile.models.train.bert import TextModel

    plain, prefixed = (
        TextModel.load(tiny_bert(name, prefix=prefix), 40) for name, prefix in (("a", ""), ("b", "bert."))
    )
    for model in (plain, prefixed):
        model.bert.eval()
    with torch.no_grad():
        assert torch.equal(plain.embed(["red pan"]), prefixed.embed(["red pan"]))


def test_a_known_answer_is_never_a_negative() -> None:
    from liveprofile.models.train.loss import not_negatives

    batch = [Pair("tea", "pot"), Pair("tea", "cup"), Pair("pan", "pot"), Pair("cup", "tea"), Pair("hat", "cap")]
    known = {"tea": frozenset({"pot", "cup"}), "pan": frozenset({"pot"}), "cup": frozenset({"tea"})}
    excluded = not_negatives(batch, known).int().tolist()
    assert excluded == [
        [0, 1, 1, 1, 0],  # tea: the cup and the other pot answer it, tea is itself
        [1, 0, 1, 1, 0],
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],  # cup: itself
        [0, 0, 0, 0, 0],
    ]


def test_resuming_with_another_choice_is_refused_with_both_values(
    tiny_bert: TinyBert, pairs: Split, tmp_path: Path
) -> None:
    source = tiny_bert()
    tuning(source, pairs, tmp_path / "shop", stop_after=2).run()
    with pytest.raises(ModelError, match=r"batch 8 then, 4 now"):
        tuning(source, pairs, tmp_path / "shop", batch=4).run(resume=True)
    fewer = replace(pairs, training=(*pairs.training[1:], pairs.training[0]))
    with pytest.raises(ModelError, match="pairs"):
        tuning(source, fewer, tmp_path / "shop").run(resume=True)


def test_a_used_folder_is_not_begun_in(tiny_bert: TinyBert, pairs: Split, tmp_path: Path) -> None:
    source = tiny_bert()
    tuning(source, pairs, tmp_path / "shop", stop_after=2).run()
    with pytest.raises(ModelError, match="--resume"):
        tuning(source, pairs, tmp_path / "shop").run()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ModelError, match=r"not empty \(it holds letter.txt\)"):
        tuning(source, pairs, tmp_path / "mine").run(resume=True)


def test_a_damaged_checkpoint_is_refused_in_words(tiny_bert: TinyBert, pairs: Split, tmp_path: Path) -> None:
    source = tiny_bert()
    tuning(source, pairs, tmp_path / "shop", stop_after=2).run()
    (tmp_path / "shop" / "checkpoint-00000002" / "weights.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match="cannot be read"):
        tuning(source, pairs, tmp_path / "shop").run(resume=True)


def distilling(source: Path, pairs: Split | None, out: Path, stop_after: int = 10**9, **options: Any) -> Any:
    from liveprofile.models.train.distil import DistillationOptions, Distilling
    from liveprofile.models.train.folder import Folder
    from liveprofile.models.train.texts import gather
    from liveprofile.models.train.watch import Watch

    done = [0]
    watch = Watch(lambda *_: None, lambda step, *_: done.__setitem__(0, step), lambda: done[0] >= stop_after)
    texts = gather(["more words"], pairs, 0.2, seed=1)
    defaults = {"layers": 2, "steps": 6, "batch": 16, "rate": 2e-3, "seed": 4}
    return Distilling(
        Recipe(source, dims=16), texts, pairs, DistillationOptions(**(defaults | options)), Folder(out), watch
    )


def test_a_student_comes_closer_to_its_teacher(tiny_bert: TinyBert, pairs: Split, tmp_path: Path) -> None:
    source = tiny_bert(num_hidden_layers=3)
    short, long = (distilling(source, pairs, tmp_path / str(n), steps=n).run() for n in (1, 80))
    cosines = [found["cosine_to_teacher"]["float32"]["mean"] for found in (short, long)]
    assert cosines[1] > cosines[0] + 0.02, cosines
    assert long["layers_kept"] == [0, 2] and {"before", "after", "texts_per_s"} <= long.keys()
    assert Embedder.load(tmp_path / "80" / "model").dims == 16


def test_a_distillation_resumes_to_the_same_weights(tiny_bert: TinyBert, tmp_path: Path) -> None:
    source = tiny_bert(num_hidden_layers=3)
    distilling(source, None, tmp_path / "whole").run()
    assert distilling(source, None, tmp_path / "parts", stop_after=3).run() is None
    distilling(source, None, tmp_path / "parts").run(resume=True)
    assert same(weights_of(tmp_path / "whole"), weights_of(tmp_path / "parts"))


def test_a_student_with_all_layers_is_its_teacher_from_the_start(tiny_bert: TinyBert, tmp_path: Path) -> None:
    found = distilling(tiny_bert(), None, tmp_path / "copy", steps=1, rate=1e-12).run()
    assert found["cosine_to_teacher"]["float32"]["mean"] == 1


def test_no_text_of_a_held_out_pair_is_learnt(pairs: Split) -> None:
    from liveprofile.models.train.texts import gather

    texts = gather([], pairs, 0.2, seed=1)
    assert not {text for pair in pairs.held_out for text in (pair.anchor, pair.positive)} & set(texts.training)
    assert not set(texts.training) & set(texts.held_out)


def test_more_layers_than_the_teacher_has_are_refused(tiny_bert: TinyBert, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--layers 7, allowed 1 to 2"):
        distilling(tiny_bert(), None, tmp_path / "out", layers=7).run()
