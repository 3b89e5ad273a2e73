"""A simulated shop through the engine, judged by its own truth: trouble, interests, intent, churn."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, takewhile
from typing import Any

from profiles.activity import digest64
from profiles.outlook import chances_at
from profiles.row import TASKS
from streams.backtest import outlook
from streams.backtest.alarms import Alarms
from streams.backtest.arrivals import of_shop
from streams.backtest.engine import Engine
from streams.backtest.interests import interests_found
from streams.backtest.parts import KEY, OfflineWiring
from streams.backtest.planted import Planted, noting
from streams.backtest.shoppers import DAY_MS, Shoppers, prospects
from streams.backtest.trouble import trouble_found
from streams.ingest.pseudonym import PseudonymKey, Pseudonyms, anonymous_shopper, known_shopper
from streams.traffic.events import SimEvent
from streams.traffic.simulator import Simulator

Progress = Callable[[float], None]
"""Is told which share of the time has passed."""


TROUBLE_EVERY = 5_000
"""Events between two planted troubles: 4 a day on 1,000 shoppers, below the alert budget of 5. Where a kind of trouble
comes so often that it fills the budget alone, the voters are taught that it is usual, and rightly so."""


class SimulatedShop:
    """One run: up to a week before the end, then the question who will buy and who has left, then the rest."""

    def __init__(self, wiring: OfflineWiring, users: int, days: float, seed: int) -> None:
        if days <= 0:
            raise ValueError(f"days={days}: a shop is open for more than 0 days")
        self.shop = Simulator(seed, users, anomaly_every=TROUBLE_EVERY, keep_truth=True, broken_share=0.001)
        self.days, self.end_ms = days, self.shop.start_ms + round(days * DAY_MS)
        self.planted: dict[str, Planted] = {}
        self.shoppers = Shoppers()
        self.alarms = Alarms(wiring.topics, wiring.profile_config().policy.dims)
        self._wiring = wiring
        self._pseudonyms = Pseudonyms(PseudonymKey(KEY.reveal().encode()), 1)

    async def run(self, progress: Progress) -> dict[str, Any]:
        """Everything, and then the figures."""
        asked_ms = max((self.shop.start_ms + self.end_ms) // 2, self.end_ms - 7 * DAY_MS)
        events = self._watched(progress)
        async with Engine(self._wiring, output=self.alarms, observer=self.shoppers) as engine:
            first = _Until(events, asked_ms)
            await engine.run(of_shop(first))
            asked = prospects(self.shoppers, _chances(engine, asked_ms), asked_ms)
            await engine.run(of_shop(chain(first.left, events)))
            await engine.wait_until(self.end_ms)
            return self._figures(engine, asked, asked_ms)

    def _watched(self, progress: Progress) -> Iterator[SimEvent]:
        """The shop's events until it closes."""
        length = self.end_ms - self.shop.start_ms
        open_ = takewhile(lambda event: event.event_time_ms < self.end_ms, self.shop.events())
        for at, event in enumerate(noting(open_, self.planted)):
            if at % 2_000 == 0:
                progress((event.event_time_ms - self.shop.start_ms) / length)
            yield event

    def _figures(self, engine: Engine, asked: Sequence[Any], asked_ms: int) -> dict[str, Any]:
        truths = {self.profile_id(truth.name): truth for truth in self.shop.truths().values()}
        asked = [one for one in asked if one.key in truths]
        bought = {digest64(visit.session_id): visit.purchase for one in truths.values() for visit in one.visits}
        visits = [one for one in self.shoppers.visits if one.session in bought]
        since_ms = self.alarms.since_ms or self.end_ms
        trouble = [(self.profile_id(one.user), one) for one in self.planted.values()]
        table = engine.partitions[0].fold.table
        for key, visit in self.shoppers.open.items():
            self.shoppers.answer(visit, table.row(key))
        rows = [(table.row(key), truth) for key, truth in truths.items() if key in self.shoppers.known]
        return {
            "shop": {"users": self.shop.users, "days": self.days, "seed": self.shop.seed, "events": engine.records},
            "said": {
                "activities": engine.counters.applied,
                "changes": engine.counters.changes,
                "changes_per_activity": round(engine.counters.changes / max(1, engine.counters.applied), 4),
                "anomaly_facts": self.alarms.facts,
            },
            "anomalies": trouble_found(trouble, self.alarms.raised(), self.shoppers, since_ms),
            "interests": interests_found(rows, self.end_ms),
            "intent": outlook.intent(visits),
            "purchase within 7 days": outlook.purchase_week(asked, self.shoppers, asked_ms),
            "churn": outlook.churn(asked, [truths[one.key].churned_ms for one in asked], asked_ms),
        }

    def profile_id(self, name: str) -> bytes:
        """The profile of a simulated shopper's name."""
        guest = name.startswith("guest-")
        return self._pseudonyms.of(anonymous_shopper(name) if guest else known_shopper(name))[0]


class _Until(Iterator[SimEvent]):
    """Events before a time; the first one after it is in `left`."""

    def __init__(self, events: Iterator[SimEvent], end_ms: int) -> None:
        self._events, self._end_ms = events, end_ms
        self.left: list[SimEvent] = []

    def __next__(self) -> SimEvent:
        event = next(self._events)
        if event.event_time_ms < self._end_ms:
            return event
        self.left.append(event)
        raise StopIteration


def _chances(engine: Engine, now_ms: int) -> dict[bytes, Sequence[float]]:
    """What every profile predicts at a time."""
    fold = engine.partitions[0].fold
    keys = list(fold.table.keys)
    if fold.cursor.predictor is None:
        return {key: [0.0] * len(TASKS) for key in keys}
    rows = fold.table.rows[fold.table.places(keys)]
    return dict(zip(keys, chances_at(rows, now_ms, fold.cursor.predictor, fold.policy).tolist(), strict=True))
