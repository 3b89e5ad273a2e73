"""The next item: valid rows first, then test rows, each predicted by the product's recommender, then learnt."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
import orjson

from profiles.activity import digest64
from profiles.items.evidence import PARTS, Evidence, evidence
from profiles.items.ranker import Ranker
from profiles.items.shelf import Shelf
from streams.backtest.arrivals import of_file
from streams.backtest.cases import OPEN, OURS, Ranked
from streams.backtest.engine import Engine
from streams.backtest.memory_log import MemoryRecord
from streams.backtest.next_item.baselines import Baselines
from streams.backtest.next_item.catalogue import put_catalogue
from streams.backtest.next_item.course import Course
from streams.backtest.next_item.judge import Judge, ranking_figures
from streams.backtest.next_item.table import NextItems, read_next_item_files
from streams.backtest.parts import KEY, OfflineWiring
from streams.backtest.run import Run
from streams.ingest.pseudonym import PseudonymKey, Pseudonyms, known_shopper
from streams.replay.amazon import FIRST_STEP_MS, NextItem

TASK = "next-item"
FROZEN = "liveprofile, frozen after valid"
TICK_S = 86_400.0
"""Nothing that is asked here falls due in time; a day's tick is enough."""


async def next_item(run: Run) -> Sequence[Ranked]:
    """Replay both tables; cases are the test rows."""
    return [await Replay(run, read_next_item_files(run.path(), run.name, run.limit)).run()]


class Replay:
    """One run over both tables."""

    def __init__(self, run: Run, data: NextItems, *, ablate: bool = True) -> None:
        self._data, self._progress = data, run.progress
        self._wiring: OfflineWiring = run.wiring()
        self._half_life_s = run.settings.items.half_life_s
        self._profiles = _Profiles(self._wiring.topics.profiles)
        self._pseudonyms = Pseudonyms(PseudonymKey(KEY.reveal().encode()), 1)
        self._judge = Judge(len(data.products))
        self._asked_s = 0.0
        self.ranker = Ranker()
        self._without = {f"without {part}": Ranker(without=frozenset(PARTS[part])) for part in PARTS if ablate}
        self._frozen = Ranker()

    async def run(self) -> Ranked:
        """Everything, and then the cases."""
        valid, test = self._data.splits["valid"], self._data.splits["test"]
        async with Engine(self._wiring, output=self._profiles, tick_s=TICK_S) as engine:
            await put_catalogue(self._data.products, self._wiring, FIRST_STEP_MS - 1)
            course = Course({item: one.brand for item, one in self._data.products.items()})
            await engine.run(of_file(course.before(valid[0])))
            shelf = Shelf((), (), self._half_life_s)
            _follow(engine, shelf)
            self._places = {item: shelf.place[f"{digest64(item):016x}"] for item in self._data.products}
            self._baselines = Baselines(shelf)
            self._count(valid[0].user, [item for item, _ in valid[0].history])
            rows = [*valid, *test]
            for at, row in enumerate(rows):
                if at == len(valid):
                    self._frozen = Ranker(self.ranker.known(""))
                await engine.checkpoint()
                _follow(engine, shelf)
                self._ask(row, shelf)
                told = course.after(row)
                self._count(row.user, [row.item[0]])
                if at + 1 < len(rows):
                    new = course.before(rows[at + 1])
                    self._count(rows[at + 1].user, [one.fields["items"][0]["item_id"] for one in new])
                    told += new
                await engine.run(of_file(told))
                self._progress((at + 1) / len(rows))
        return self._cases(test, len(valid))

    def _count(self, user: str, items: Sequence[str]) -> None:
        for item in items:
            self._baselines.take(user, self._places[item])

    def _ask(self, row: NextItem, shelf: Shelf) -> None:
        """Predict a row, then learn it."""
        began = perf_counter()
        profile = self._profiles.latest[self._pseudonyms.of(known_shopper(row.user))[0]]
        found = evidence(orjson.loads(profile), shelf)
        scores = self.ranker.scores(found.values)
        self._asked_s += perf_counter() - began
        item, history = self._places[row.item[0]], [self._places[item] for item, _ in row.history]
        self._judge.see(OURS, scores, item, history)
        self._judge.see(FROZEN, self._frozen.scores(found.values), item, history)
        for method, baseline in self._baselines.scores(row.user, history).items():
            self._judge.see(method, baseline, item, history)
        self._learn(found, item, history)

    def _learn(self, found: Evidence, item: int, history: Sequence[int]) -> None:
        for name, ranker in self._without.items():
            self._judge.see(name, ranker.scores(found.values), item, history)
        for ranker in (self.ranker, *self._without.values()):
            ranker.learn(found.values, item)

    def _cases(self, test: Sequence[NextItem], first: int) -> Ranked:
        """The test rows' ranks; ablations and the valid rows' figures are told beside them."""
        ranks, valid = self._judge.ranks(first), self._judge.ranks(0, first)
        users = np.array([row.user for row in test])
        methods = {name: ways for name, ways in ranks.items() if name not in self._without}
        told: dict[str, Any] = {
            "valid": {name: {way: ranking_figures(one) for way, one in ways.items()} for name, ways in valid.items()},
            "ablations": {name: ranking_figures(ranks[name][OPEN]) for name in self._without},
            "weights": self.ranker.known("").weights,
            "ms for each recommendation": round(1000 * self._asked_s / len(self._data.splits["valid"] + test), 3),
            "skipped": dict(self._data.skipped),
        }
        return Ranked(TASK, users, np.arange(len(test)), len(self._data.products), methods, told)


class _Profiles:
    """An output of the engine: the latest snapshot of every profile."""

    def __init__(self, topic: str) -> None:
        self.latest: dict[bytes, bytes] = {}
        self._topic = topic

    def __call__(self, topic: str, records: Sequence[MemoryRecord]) -> None:
        if topic == self._topic:
            self.latest |= {record.key: record.value for record in records if record.key and record.value}


def _follow(engine: Engine, shelf: Shelf) -> None:
    """Put what is new of items on the shelf, as a reader of both topics does."""
    for fold in engine.items:
        items, neighbours, _ = fold.checkpoint()
        shelf.take([value for _, value in items], [value for _, value in neighbours])
