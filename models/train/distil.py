"""Distillation: a student with some of its teacher's layers learns to give the teacher's vectors.

Source: Sanh et al., DistilBERT (2019), for a student that begins as layers of its teacher; Reimers and Gurevych,
Making Monolingual Sentence Embeddings Multilingual (EMNLP 2020), for sentence vectors as the target.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from liveprofile.models.bert_config import read_bert_config
from liveprofile.models.errors import ModelError
from liveprofile.models.recipe import Recipe
from liveprofile.models.train import bert
from liveprofile.models.train.bert import TextModel
from liveprofile.models.train.exported import Exported, compared, speeds
from liveprofile.models.train.folder import Folder
from liveprofile.models.train.judge import Judge
from liveprofile.models.train.loop import train
from liveprofile.models.train.loss import distance
from liveprofile.models.train.pairs import Split
from liveprofile.models.train.plan import Plan, steps_of
from liveprofile.models.train.texts import Texts
from liveprofile.models.train.watch import Watch
from liveprofile.models.weights import find_weights, sha256_of

Vectors = npt.NDArray[np.float32]

RATE = 2e-4
TEACHING = "embedding with the teacher"


@dataclass(frozen=True)
class DistillationOptions:
    """Options of a distillation; all but `save_every` and `threads` decide the result."""

    layers: int = 3
    epochs: float = 3.0
    steps: int | None = None
    """Instead of epochs."""
    batch: int = 64
    rate: float = RATE
    """Highest learning rate."""
    seed: int = 0
    max_tokens: int = 64
    bfloat16: bool = False
    """Multiply in 16 bits; weights stay in 32."""
    save_every: int = 100
    threads: int = 1

    def plan(self, examples: int) -> Plan:
        """The training plan for so many texts."""
        steps = steps_of(examples, self.batch, self.epochs) if self.steps is None else self.steps
        return Plan(examples, steps, self.batch, self.rate, self.seed)


@dataclass(frozen=True)
class Distilling:
    """One distillation of the model of `recipe` on `texts` into `folder`, evaluated on held-out texts and `pairs`."""

    recipe: Recipe
    texts: Texts
    pairs: Split | None
    options: DistillationOptions
    folder: Folder
    watch: Watch

    def run(self, *, resume: bool = False) -> dict[str, Any] | None:
        """Train, export and evaluate; returns the report, or None if it was stopped with a checkpoint to resume from.

        ModelError if the teacher cannot be read, the folder is in use, or its checkpoint belongs to another training.
        """
        plan = self.options.plan(len(self.texts.training))
        kept = spread(self.options.layers, read_bert_config(self.recipe.source).layers)
        self.folder.begin(resume=resume)
        teacher = Exported.make(self.recipe, self.folder.base, self.watch.on_progress)
        if not self._train(plan, kept, teacher):
            return None
        found = {
            "choices": asdict(self.options) | {"steps": plan.steps},
            "layers_kept": kept,
            "texts": {"training": len(self.texts.training), "held_out": len(self.texts.held_out)},
            **self._compare(teacher),
        }
        self.folder.report(found)
        return found

    def _train(self, plan: Plan, kept: list[int], teacher: Exported) -> bool:
        """Train and write the Hugging Face folder; False if stopped."""
        torch.set_num_threads(self.options.threads)
        texts = self.texts.training
        right = torch.from_numpy(teacher.reference.encode(texts, self._taught(len(texts))))
        student = TextModel.load(self.recipe.source, self.options.max_tokens, self.recipe.prefix, kept)

        def loss(rows: Any) -> Any:
            with torch.autocast("cpu", torch.bfloat16, enabled=self.options.bfloat16):
                found = student.embed([texts[row] for row in rows])
            return distance(found, right[torch.from_numpy(rows)])

        whole = train(
            student.bert,
            loss,
            plan,
            self.folder.root,
            decided_by=self._decided_by(kept),
            save_every=self.options.save_every,
            on_progress=lambda done, value: self.watch.learnt(done, plan.steps, value),
            stop=self.watch.stop,
        )
        if whole:
            bert.save(student.bert, self.recipe.source, self.folder.weights)
        return whole

    def _taught(self, total: int) -> Any:
        return lambda done: self.watch.on_progress(TEACHING, done, total)

    def _decided_by(self, kept: list[int]) -> Mapping[str, object]:
        """Everything besides the plan that decides the weights."""
        return {
            "weights": sha256_of(find_weights(self.recipe.source)),
            "texts": hashlib.sha256("\x1e".join(self.texts.training).encode()).hexdigest(),
            "layers": kept,
            "max_tokens": self.options.max_tokens,
            "bfloat16": self.options.bfloat16,
            "prefix": self.recipe.prefix,
        }

    def _compare(self, teacher: Exported) -> dict[str, Any]:
        """Export the student, and compare it with its teacher on held-out texts and pairs."""
        student = Exported.make(self.folder.trained(self.recipe), self.folder.model, self.watch.on_progress)
        texts = self.texts.held_out
        found: dict[str, Any] = {
            "model": student.model_id,
            "cosine_to_teacher": {
                "float32": cosine(student.reference.encode(texts), teacher.reference.encode(texts)),
                "int8": cosine(student.encoder.encode(texts), teacher.encoder.encode(texts)),
            },
        }
        if self.pairs:
            judge = Judge(self.pairs.held_out, self.pairs.known)
            found |= compared(teacher, student, judge, self.options.seed)
        return found | {"texts_per_s": speeds(teacher, student, texts)}


def spread(layers: int, of: int) -> list[int]:
    """The layers of a teacher with `of` layers that a student begins with: the first, the last, evenly between.

    >>> spread(3, 6), spread(1, 6), spread(4, 12)
    ([0, 2, 5], [5], [0, 4, 7, 11])
    """
    if not 1 <= layers <= of:
        raise ModelError(f"--layers {layers}, allowed 1 to {of}, the teacher's own", "Choose within.")
    return [of - 1] if layers == 1 else [round(place * (of - 1) / (layers - 1)) for place in range(layers)]


def cosine(left: Vectors, right: Vectors) -> dict[str, float]:
    """Mean and 5th percentile of the rows' cosines."""
    found = (left * right).sum(axis=1)
    return {"mean": round(float(found.mean()), 4), "p05": round(float(np.quantile(found, 0.05)), 4)}
