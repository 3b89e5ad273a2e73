"""Fine-tuning: an embedding model learns from pairs of texts that belong together; held-out pairs evaluate it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch

from liveprofile.models.recipe import Recipe
from liveprofile.models.train import bert, lora
from liveprofile.models.train.bert import TextModel
from liveprofile.models.train.exported import Exported, compared, speeds
from liveprofile.models.train.folder import Folder
from liveprofile.models.train.judge import Judge
from liveprofile.models.train.loop import train
from liveprofile.models.train.loss import TEMPERATURE, contrastive, not_negatives
from liveprofile.models.train.pairs import Split, fingerprint
from liveprofile.models.train.plan import Plan, steps_of
from liveprofile.models.train.watch import Watch
from liveprofile.models.weights import find_weights, sha256_of

FULL_RATE, LORA_RATE = 2e-5, 2e-4
JUDGING = "judging both on the held-out pairs"


@dataclass(frozen=True)
class Choices:
    """Options of a training; all but `save_every` and `threads` decide the result."""

    lora: bool = False
    rank: int = 16
    epochs: float = 1.0
    steps: int | None = None
    """Instead of epochs."""
    batch: int = 64
    rate: float | None = None
    """Highest learning rate; FULL_RATE or LORA_RATE if none is given."""
    seed: int = 0
    temperature: float = TEMPERATURE
    symmetric: bool = False
    max_tokens: int = 64
    """Texts are cut to this length in training; the limit of the exported model is the recipe's."""
    bfloat16: bool = False
    """Multiply in 16 bits; weights stay in 32."""
    save_every: int = 100
    threads: int = 1

    def plan(self, examples: int) -> Plan:
        """The training plan for so many pairs."""
        steps = steps_of(examples, self.batch, self.epochs) if self.steps is None else self.steps
        rate = (LORA_RATE if self.lora else FULL_RATE) if self.rate is None else self.rate
        return Plan(examples, steps, self.batch, rate, self.seed)


@dataclass(frozen=True)
class FineTuning:
    """One training of the model of `recipe` on `pairs`, into `folder`."""

    recipe: Recipe
    pairs: Split
    choices: Choices
    folder: Folder
    watch: Watch

    def run(self, *, resume: bool = False) -> dict[str, Any] | None:
        """Train, export and evaluate; returns the report, or None if it was stopped with a checkpoint to resume from.

        ModelError if the model cannot be read, the folder is in use, or its checkpoint belongs to another training.
        """
        plan = self.choices.plan(len(self.pairs.training))
        self.folder.begin(resume=resume)
        if not self._train(plan):
            return None
        found = {
            "choices": asdict(self.choices) | {"steps": plan.steps, "rate": plan.rate},
            "pairs": {"training": len(self.pairs.training), "held_out": len(self.pairs.held_out)},
            **self._compare(),
        }
        self.folder.report(found)
        return found

    def _train(self, plan: Plan) -> bool:
        """Train and write the Hugging Face folder; False if stopped."""
        torch.set_num_threads(self.choices.threads)
        model = TextModel.load(self.recipe.source, self.choices.max_tokens, self.recipe.prefix)
        if self.choices.lora:
            model.bert = lora.adapted(model.bert, self.choices.rank, self.choices.seed)
        known = self.pairs.known

        def loss(rows: Any) -> Any:
            chosen = [self.pairs.training[row] for row in rows]
            with torch.autocast("cpu", torch.bfloat16, enabled=self.choices.bfloat16):
                anchors = model.embed([pair.anchor for pair in chosen])
                positives = model.embed([pair.positive for pair in chosen])
            apart = not_negatives(chosen, known)
            return contrastive(anchors, positives, apart, self.choices.temperature, symmetric=self.choices.symmetric)

        whole = train(
            model.bert,
            loss,
            plan,
            self.folder.root,
            decided_by=self._decided_by(),
            save_every=self.choices.save_every,
            on_progress=lambda done, value: self.watch.learnt(done, plan.steps, value),
            stop=self.watch.stop,
        )
        if whole:
            plain = lora.merged(model.bert) if self.choices.lora else model.bert
            bert.save(plain, self.recipe.source, self.folder.weights)
        return whole

    def _decided_by(self) -> Mapping[str, object]:
        """Everything besides the plan that decides the weights."""
        return {
            "weights": sha256_of(find_weights(self.recipe.source)),
            "pairs": fingerprint(self.pairs.training),
            "method": f"LoRA of rank {self.choices.rank}" if self.choices.lora else "full",
            "temperature": self.choices.temperature,
            "symmetric": self.choices.symmetric,
            "max_tokens": self.choices.max_tokens,
            "bfloat16": self.choices.bfloat16,
            "prefix": self.recipe.prefix,
        }

    def _compare(self) -> dict[str, Any]:
        """Export both models and evaluate them on the held-out pairs."""
        judge = Judge(self.pairs.held_out, self.pairs.known, self.pairs.trained_texts)
        texts = [pair.positive for pair in self.pairs.held_out]
        base = Exported.make(self.recipe, self.folder.base, self.watch.on_progress)
        made = Exported.make(self.folder.trained(self.recipe), self.folder.model, self.watch.on_progress)
        self.watch.on_progress(JUDGING, 0, 1)
        figures = compared(base, made, judge, self.choices.seed)
        self.watch.on_progress(JUDGING, 1, 1)
        return {
            "model": made.model_id,
            **figures,
            "texts_per_s": speeds(base, made, texts),
        }
