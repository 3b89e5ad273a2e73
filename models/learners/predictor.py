"""The learner of probabilities: three models compete for each task, and the workers get the one that predicted best."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.adwin import Drift
from liveprofile.models.learners.bayes import Bayes
from liveprofile.models.learners.initial_weights import EXAMPLES, InitialWeights
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.linear import Linear
from liveprofile.models.learners.packed import pack, pack64, unpack64
from liveprofile.models.learners.port import State, StateMismatchError
from liveprofile.models.learners.scorecard import ONE, ScorecardLayout
from liveprofile.models.learners.splines import Basis, Given, Splines
from liveprofile.models.learners.tally import KEEP, Loss, Tally, logit, sigmoid, snapshots

Candidate = Linear | Splines | Bayes

LEAST_EXAMPLES = 200
LEAST_OF_A_KIND = 10
"""Examples of the rarer label before a task has a model."""
LAYOUT = 3


class Predictor:
    """Learns LABELLED examples of several tasks; every example is predicted before its label is learnt.

    Labels come late. The probability that was predicted at the time is scored when the label arrives (delayed
    progressive validation), and `ModelScored` reports that score. The candidates are River's logistic regression,
    additive splines and a Bayesian regression.

    Parameters
    ----------
    tasks
        Names of the tasks, in the order of the examples' numbers.
    layout
        What the inputs of the examples are, and which of them are paired.
    recency
        The input that a guess by recency alone would go by.
    starts
        By task: the weights to begin with. Other tasks have no model before they have seen enough.
    """

    what = "predictor"
    name = "scorecards"
    kind = int(ExampleKind.LABELLED)

    def __init__(
        self, tasks: Sequence[str], layout: ScorecardLayout, recency: str, starts: Mapping[str, InitialWeights]
    ) -> None:
        self.dims, self._layout = len(layout.inputs), layout
        basis = Basis(layout)
        self._tasks = [_Task(task, basis, layout.place(recency), starts.get(task)) for task in tasks]
        self._events: list[dict[str, Any]] = []

    def learn(self, x: np.void, text: str) -> None:
        """Learn a label of the task with that number; unknown tasks are skipped."""
        if x["task"] < len(self._tasks):
            task = self._tasks[x["task"]]
            self._events += task.learn(x["input"].astype(np.float64) / ONE, int(x["label"]), float(x["probability"]))

    def adoption(self) -> dict[str, Any] | None:
        """Scorecards of all tasks; None before any task has enough examples."""
        ready = [task.is_ready for task in self._tasks]
        if not any(ready):
            return None
        cards = [task.card() for task in self._tasks]
        numbers = {name: pack(np.array([card[name] for card in cards])) for name in self._layout.shapes}
        rates = [round(task.rate, 6) for task in self._tasks]
        return {"ready": ready, "rate": rates, "champions": [task.champion.name for task in self._tasks], **numbers}

    def events(self) -> list[dict[str, Any]]:
        """Detected drift, and the quality of each task's predictions."""
        events, self._events = self._events, []
        return events + [task.score() for task in self._tasks if task.examples]

    def snapshot(self) -> dict[str, Any]:
        """Every task's state, by its name."""
        return {"layout": LAYOUT, "tasks": {task.name: task.snapshot() for task in self._tasks}}

    def restore(self, state: State) -> None:
        """Continue from a snapshot. StateMismatchError for other tasks or another layout."""
        names = [task.name for task in self._tasks]
        if state.get("layout") != LAYOUT or sorted(state["tasks"]) != sorted(names):
            raise StateMismatchError(f"a predictor of {sorted(state.get('tasks', ()))}, expected {names}")
        for task in self._tasks:
            task.restore(state["tasks"][task.name])


class _Task:
    """One task: three candidates, their calibration, the usual inputs, and the quality of the predictions."""

    def __init__(self, name: str, basis: Basis, recency: int, start: InitialWeights | None) -> None:
        self.name, self._basis, self._recency, self._start = name, basis, recency, start
        self.examples = self._happened = 0
        linear, splines, bayes = Linear(basis.layout), Splines(basis, start=start), Bayes(basis.layout)
        self._candidates: tuple[Candidate, ...] = (
            (linear, splines, bayes) if self._start is None else (splines, linear, bayes)
        )
        self._tallies = {one.name: Tally() for one in self._candidates}
        self._losses = {one.name: Loss() for one in self._candidates}
        self._drift = Drift()
        self._usual = np.zeros(basis.size)
        self._weight = 0.0
        # predictions of the past, scored when their labels arrived, and the loss of a guess by the rate
        self._published, self._published_loss, self._rate_loss = Tally(), Loss(), Loss()
        self._guess = Tally()

    @property
    def is_ready(self) -> bool:
        """Whether there are enough examples of either label; a task with initial weights needs only one."""
        if self._start is not None:
            return self.examples > 0
        rare = min(self._happened, self.examples - self._happened)
        return self.examples >= LEAST_EXAMPLES and rare >= LEAST_OF_A_KIND

    @property
    def rate(self) -> float:
        """The recent rate of the label; the initial rate counts as EXAMPLES examples."""
        if self._start is None:
            return self._guess.rate
        seen, start = self._guess.examples, float(sigmoid(self._start.bias))
        return (self._guess.rate * seen + start * EXAMPLES) / (seen + EXAMPLES)

    @property
    def champion(self) -> Candidate:
        """The candidate with the least loss; before any loss, the one with initial weights, or the simplest one."""
        return min(self._candidates, key=lambda one: self._losses[one.name].mean)

    def learn(self, inputs: npt.NDArray[np.float64], label: int, probability: float) -> list[dict[str, Any]]:
        """Score the past prediction and each candidate's present one, then learn; returns events of drift."""
        if probability > 0:
            self._published.add(logit(probability), label)
            self._published_loss.add(probability, label)
        self._rate_loss.add((self._guess.rate * self._guess.examples + 0.5) / (self._guess.examples + 1.0), label)
        self._guess.add(float(inputs[self._recency]) - 6.0, label)
        x, events, best = self._basis.given(inputs), [], self.champion.name
        for one in self._candidates:
            score = one.score(x)
            loss = self._losses[one.name].add(float(sigmoid(score)), label)
            self._tallies[one.name].add(score, label)
            if one.name == best and (found := self._drift.add(min(loss, 4.0))):
                events.append(
                    {"type": "DriftFound", "of": f"log loss of {self.name}", "before": found[0], "after": found[1]}
                )
        for one in self._candidates:
            one.learn(x, label, self._drift.faster)
        self._remember(x)
        self.examples += 1
        self._happened += label
        return events

    def _remember(self, x: Given) -> None:
        """Update the mean inputs with one example in eight."""
        if self.examples % 8 == 0:
            self._usual *= KEEP**8
            self._usual[x.places] += x.shares
            self._weight = self._weight * KEEP**8 + 1.0

    def card(self) -> dict[str, Any]:
        """The champion as a scorecard, with its calibration curve and each input's usual part of the score."""
        bias, tables, pairs = self.champion.card()
        mean = self._usual / max(self._weight, 1.0)
        mean_lines, mean_pairs = self._basis.tables(mean)
        usual = (mean_lines * tables).sum(axis=1)
        halves = (mean_pairs * pairs).sum(axis=(1, 2)) / 2
        for (first, second), half in zip(self._basis.layout.places_of_pairs, halves, strict=True):
            usual[first] += half
            usual[second] += half
        curve = self._tallies[self.champion.name].curve()
        return {"bias": bias, "tables": tables, "pairs": pairs, "usual": usual, "curve": curve}

    def score(self) -> dict[str, Any]:
        """Quality of predictions: of the published ones if enough labels have arrived, else of the champion's."""
        delayed = self._published.examples >= LEAST_EXAMPLES
        tally = self._published if delayed else self._tallies[self.champion.name]
        loss = self._published_loss if delayed else self._losses[self.champion.name]
        recency = self._guess.auc
        return {
            "type": "ModelScored",
            "task": self.name,
            "validation": "delayed" if delayed else "progressive",
            "examples": self.examples,
            "rate": round(self.rate, 4),
            "auc": round(tally.auc, 4),
            "pr_auc": round(tally.average_precision, 4),
            "log_loss": round(loss.mean, 4),
            "calibration_error": round(tally.calibration_error, 4),
            "rate_log_loss": round(self._rate_loss.mean, 4),
            "recency_auc": round(max(recency, 1.0 - recency), 4),
            "champion": self.champion.name,
            "candidates": {name: round(one.mean, 4) for name, one in self._losses.items()},
        }

    def snapshot(self) -> dict[str, Any]:
        """The state in numbers."""
        return {
            "counts": [self.examples, self._happened, self._weight],
            "candidates": snapshots({one.name: one for one in self._candidates}),
            "tallies": snapshots(self._tallies),
            "losses": snapshots(self._losses),
            "parts": snapshots(self._parts()),
            "usual": pack64(self._usual),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot."""
        self.examples, self._happened, self._weight = state["counts"]
        for one in self._candidates:
            one.restore(state["candidates"][one.name])
            self._tallies[one.name].restore(state["tallies"][one.name])
            self._losses[one.name].restore(state["losses"][one.name])
        for name, part in self._parts().items():
            part.restore(state["parts"][name])
        self._usual = unpack64(state["usual"], (self._basis.size,))

    def _parts(self) -> dict[str, Any]:
        return {
            "drift": self._drift,
            "told": self._published,
            "told_loss": self._published_loss,
            "rate_loss": self._rate_loss,
            "guess": self._guess,
        }
