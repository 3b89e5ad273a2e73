"""The next-item task: valid rows, then test rows; the recommender predicts each row, then learns it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.items.evidence import PARTS, Profile, evidence
from liveprofile.profiles.items.index import ItemIndex
from liveprofile.profiles.items.ranker import Ranker, written
from liveprofile.streams.backtest.figures.ablation import ablated
from liveprofile.streams.backtest.figures.ranks import rank_figures
from liveprofile.streams.backtest.figures.scores import rounded
from liveprofile.streams.backtest.next_item.baselines import Baselines
from liveprofile.streams.backtest.next_item.judge import Judge
from liveprofile.streams.backtest.next_item.replay import place_of, replay
from liveprofile.streams.backtest.next_item.table import NextItems, read_next_item_files
from liveprofile.streams.backtest.task.cases import OPEN, OURS, Ranked
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.datasets.amazon import NextItem
from liveprofile.streams.errors import UserError

TASK = "next-item"
FROZEN = "liveprofile, frozen after valid"


async def next_item(run: Run) -> Sequence[Ranked]:
    """Replay both tables; cases are the test rows."""
    data = read_next_item_files(run.path(), run.name, run.limit)
    contest = Contest(data, alone=run.alone)
    await replay(data.rows, data.products, run.wiring(), run.settings.items.half_life_s, contest, run.progress)
    if run.save_weights is not None and not run.alone:
        save_weights(contest.frozen, run.save_weights, data)
    return [contest.cases(run.seed)]


def save_weights(ranker: Ranker, path: Path, data: NextItems) -> None:
    """Write the weights learnt from the valid rows, for `liveprofile recommend --weights`."""
    source = f"{data.name}: the {len(data.splits['valid']):,} rows of its valid table, each predicted, then learnt"
    try:
        path.write_bytes(written(ranker.known(source)))
    except OSError as error:
        raise UserError(f"The weights cannot be written to {path}: {error.strerror}.", "Give another file.") from error


class Contest:
    """Our method, its variants without some parts, and baselines on the same rows; our method learns from each row."""

    def __init__(self, data: NextItems, *, alone: bool = False) -> None:
        """`alone` runs our method only."""
        self.data, self._alone = data, alone
        self._first = len(data.splits["valid"])
        self._judge = Judge(len(data.products))
        self._seconds = 0.0
        self.ranker = Ranker()
        self.frozen = self.ranker
        """The ranker as it was after the valid rows; before that, the learning one."""
        parts = {} if alone else PARTS
        self._without = {f"without {part}": Ranker(without=frozenset(names)) for part, names in parts.items()}
        self._asked = 0

    def begin(self, index: ItemIndex) -> None:
        """`index` has all candidates."""
        self._index, self._baselines = index, Baselines(index)

    def had(self, user: str, items: Sequence[str]) -> None:
        """Update the baselines with the items that were sent to the stream."""
        for item in items:
            self._baselines.take(user, place_of(self._index, item))

    def ask(self, row: NextItem, profile: Profile) -> None:
        """Predict with every method, then learn."""
        if self._asked == self._first:
            self.frozen = Ranker(self.ranker.known(""))
        self._asked += 1
        began = process_time()
        values = evidence(profile, self._index).values
        scores = self.ranker.scores(values)
        self._seconds += process_time() - began
        item = place_of(self._index, row.item[0])
        history = [place_of(self._index, one) for one, _ in row.history]
        answers: dict[str, npt.NDArray[np.floating]] = {OURS: scores, FROZEN: self.frozen.scores(values)}
        if not self._alone:
            answers |= self._baselines.scores(row.user, history)
        answers |= {name: ranker.scores(values) for name, ranker in self._without.items()}
        for name, answer in answers.items():
            self._judge.see(name, answer, item, history)
        for ranker in (self.ranker, *self._without.values()):
            ranker.learn(values, item)

    def cases(self, seed: int) -> Ranked:
        """The cases of the test rows; ablations and figures of the valid rows are in their details."""
        test = self.data.splits["test"]
        users, order = np.array([row.user for row in test]), np.arange(len(test))
        ranks, valid = self._judge.ranks(self._first), self._judge.ranks(0, self._first)
        items = len(self.data.products)
        details: dict[str, Any] = {
            "items": items,
            "valid rows": self._first,
            "processor ms for each answer of ours": round(1000 * self._seconds / self._asked, 3),
            **({"skipped": dict(self.data.skipped)} if self.data.skipped else {}),
            "on the valid rows, open": {
                name: {metric: rounded(value) for metric, value in rank_figures(of[OPEN], items).items()}
                for name, of in valid.items()
                if name not in self._without
            },
            "weights": {name: round(weight, 3) for name, weight in self.ranker.known("").weights.items()},
        }
        whole = Ranked(TASK, users, order, items, {n: of for n, of in ranks.items() if n not in self._without})
        variants = {name: Ranked(TASK, users, order, items, {OURS: ranks[name]}) for name in self._without}
        return replace(whole, details=details | ablated(whole, variants, seed))
