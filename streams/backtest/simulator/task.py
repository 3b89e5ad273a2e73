"""Backtest tasks on a simulated shop: anomalies, interests, intent, purchases, churn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, takewhile
from typing import Any

from liveprofile.profiles.predictions.forecast import probabilities_at
from liveprofile.profiles.records.activity import digest64
from liveprofile.profiles.state.row import TASKS
from liveprofile.streams.backtest.engine.arrivals import of_shop
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.parts import OfflineWiring, pseudonyms
from liveprofile.streams.backtest.simulator.anomalies import Alerts
from liveprofile.streams.backtest.simulator.detection import injected_anomalies_found
from liveprofile.streams.backtest.simulator.injected import InjectedAnomaly, noting
from liveprofile.streams.backtest.simulator.interests import interests_found
from liveprofile.streams.backtest.task.cases import Cases
from liveprofile.streams.backtest.task.run import Run, Task
from liveprofile.streams.backtest.truth import forecast
from liveprofile.streams.backtest.truth.shoppers import DAY_MS, Prospect, Shoppers, prospects
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.simulator.simulator import Simulator
from liveprofile.streams.simulator.truth import Truth
from liveprofile.streams.stages.ingest.pseudonym import anonymous_shopper, known_shopper

INJECT_EVERY = 5_000
"""Events between two injected anomalies: 4 a day on 1,000 shoppers, below the alert budget of 5. If a kind of anomaly
is so frequent that it fills the budget alone, the detectors learn it as usual behaviour, which is intended."""


def shop_task(*names: str) -> Task:
    """A task with the named tasks of the shop."""

    async def run_shop(run: Run) -> Sequence[Cases]:
        found = await SimulatedShop(run.wiring(), run).run()
        return [one for one in found if one.task in names]

    return run_shop


class SimulatedShop:
    """One run: the events up to a week before the end, then the predictions of purchase and churn, then the rest."""

    def __init__(self, wiring: OfflineWiring, run: Run) -> None:
        if run.days <= 0:
            raise ValueError(f"days={run.days}: a shop is open for more than 0 days")
        self.shop = Simulator(run.seed, run.users, anomaly_every=INJECT_EVERY, record_truth=True, broken_share=0.001)
        self.end_ms = self.shop.start_ms + round(run.days * DAY_MS)
        self.injected: dict[str, InjectedAnomaly] = {}
        self.shoppers = Shoppers()
        self.alerts = Alerts(wiring.topics, wiring.profile_config().policy.dims)
        self._wiring, self._run = wiring, run
        self._pseudonyms = pseudonyms()

    async def run(self) -> Sequence[Cases]:
        """Run all events, and return the cases of intent, purchase, churn, anomalies and interests."""
        asked_ms = max((self.shop.start_ms + self.end_ms) // 2, self.end_ms - 7 * DAY_MS)
        events = self._watched()
        async with Engine(self._wiring, output=self.alerts, observer=self.shoppers) as engine:
            first = _Until(events, asked_ms)
            await engine.run(of_shop(first))
            asked = prospects(self.shoppers, _probabilities(engine, asked_ms), asked_ms)
            await engine.run(of_shop(chain(first.left, events)))
            await engine.wait_until(self.end_ms)
            self.shoppers.answer_rest(engine.partitions[0].fold)
            return self._cases(engine, asked, asked_ms)

    def _watched(self) -> Iterator[SimEvent]:
        """The shop's events until it closes."""
        length = self.end_ms - self.shop.start_ms
        open_ = takewhile(lambda event: event.event_time_ms < self.end_ms, self.shop.events())
        for at, event in enumerate(noting(open_, self.injected)):
            if at % 2_000 == 0:
                self._run.progress((event.event_time_ms - self.shop.start_ms) / length)
            yield event

    def _cases(self, engine: Engine, asked: Sequence[Prospect], asked_ms: int) -> Sequence[Cases]:
        truths = {self.profile_id(truth.name): truth for truth in self.shop.truths().values()}
        asked = [one for one in asked if one.key in truths]
        left_ms = [truths[one.key].churned_ms for one in asked]
        name_of = self._pseudonyms.session
        sessions = {digest64(name_of(visit.session_id)) for one in truths.values() for visit in one.visits}
        found = [
            forecast.intent([one for one in self.shoppers.visits if one.session in sessions]),
            forecast.purchase_week(asked, self.shoppers, asked_ms),
            forecast.churn(asked, left_ms, asked_ms),
            self._injected(),
            self._interests(engine, truths),
        ]
        return [replace(one, details={**one.details, **self._details(engine)}) for one in found]

    def _injected(self) -> Cases:
        cases = [(self.profile_id(one.user), one) for one in self.injected.values()]
        return injected_anomalies_found(cases, self.alerts.raised(), self.shoppers, self.alerts.since_ms or self.end_ms)

    def _interests(self, engine: Engine, truths: Mapping[bytes, Truth]) -> Cases:
        table, known = engine.partitions[0].fold.table, self.shoppers.known
        return interests_found(
            [(known[key], table.row(key), truth) for key, truth in truths.items() if key in known], self.end_ms
        )

    def _details(self, engine: Engine) -> dict[str, Any]:
        """Size of the run, and numbers of published facts."""
        run, counters = self._run, engine.counters
        return {
            "shop": {"users": run.users, "days": run.days, "seed": run.seed, "events": engine.records},
            "said": {
                "activities": counters.applied,
                "changes": counters.changes,
                "changes_per_activity": round(counters.changes / max(1, counters.applied), 4),
                "anomaly_facts": self.alerts.facts,
            },
        }

    def profile_id(self, name: str) -> bytes:
        """The profile of a simulated shopper's name."""
        guest = name.startswith("guest-")
        return self._pseudonyms.of(anonymous_shopper(name) if guest else known_shopper(name))[0]


class _Until(Iterator[SimEvent]):
    """Events before a time; `left` has the first one after it."""

    def __init__(self, events: Iterator[SimEvent], end_ms: int) -> None:
        self._events, self._end_ms = events, end_ms
        self.left: list[SimEvent] = []

    def __next__(self) -> SimEvent:
        event = next(self._events)
        if event.event_time_ms < self._end_ms:
            return event
        self.left.append(event)
        raise StopIteration


def _probabilities(engine: Engine, now_ms: int) -> dict[bytes, Sequence[float]]:
    """Predictions of every profile at a time."""
    fold = engine.partitions[0].fold
    keys = list(fold.table.keys)
    if fold.cursor.predictor is None:
        return {key: [0.0] * len(TASKS) for key in keys}
    rows = fold.table.rows[fold.table.places(keys)]
    return dict(zip(keys, probabilities_at(rows, now_ms, fold.cursor.predictor, fold.policy).tolist(), strict=True))
