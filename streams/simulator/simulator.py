"""The simulated shop: an event queue in event time, generated from a seed."""

from collections import deque
from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush
from itertools import count, cycle
from random import Random

from liveprofile.streams.simulator.catalogue import Catalogue, build_catalogue
from liveprofile.streams.simulator.events import Label, SimEvent, Step
from liveprofile.streams.simulator.injected_anomalies import PLANS, broken_record
from liveprofile.streams.simulator.personas import HOUR_MS, Shopper, make_shopper
from liveprofile.streams.simulator.sessions import EVENTS_PER_SESSION, STEP_MS, session_of, visit
from liveprofile.streams.simulator.truth import Truth, TruthBook

START_MS = 1_767_636_000_000
"""2026-01-05 18:00 UTC, an evening hour with many active shoppers."""

MIN_GAP_S = 20.0
"""The least mean time between two visits of one shopper; a busier shop runs its clock faster."""

AWAKE_SHARE = 0.4
"""Share of active shoppers at a busy hour; they visit more often in return."""

_AWAY = 30.0
"""A shopper who leaves is absent for this many times the usual gap, then returns."""

_FOR_GOOD = 0.25
"""Share of leaving shoppers who never return; a new one replaces each, so that the number of shoppers is constant."""

_GUEST_SHARE = 0.03
_SEASONED_EVENTS = 15
_SEASONED_ORDERS = 2
_CANDIDATES = 500
"""Victims are chosen among this number of the latest shoppers with a history, so that the cost does not grow."""


class _Flow:
    """Steps of one person in order: a visit, or an injected anomaly."""

    __slots__ = ("label", "number", "orders", "shopper", "steps")

    def __init__(self, number: int, shopper: Shopper, steps: Iterator[Step], label: Label | None) -> None:
        self.number = number
        self.orders = shopper.orders
        self.shopper = shopper
        self.steps = steps
        self.label = label


class Simulator:
    """A shop with events that are a function of its arguments: the same arguments give the same events.

    Args:
        seed: draws the catalogue, the shoppers and all they do.
        users: number of shoppers; each is created at the first visit.
        user_events_per_s: events per shopper and second of event time, about, on average over all shoppers at an hour
            of the day at which the shop is busy; None gives what a shop has: about sixteen a day.
        start_ms: event time of the beginning, epoch milliseconds.
        anomaly_every: inject an anomaly once in so many events, the kinds in turn; 0: none.
        dormant_s: least inactivity of an account for the kind dormant-awake, seconds of event time.
        record_truth: keep the data of `truth`; the events are the same, and a long simulation needs memory for it.
        broken_share: the share of intentionally broken records, which become dead letters; 0 to 1.
    """

    def __init__(
        self,
        seed: int = 7,
        users: int = 2_000,
        *,
        user_events_per_s: float | None = None,
        start_ms: int = START_MS,
        anomaly_every: int = 1_500,
        broken_share: float = 0.0,
        dormant_s: float = 30 * 86_400,
        record_truth: bool = False,
        catalogue: Catalogue | None = None,
    ) -> None:
        if users < 1:
            raise ValueError(f"users is {users}; a shop needs at least 1.")
        self.seed = seed
        self.users = users
        self.catalogue = catalogue or build_catalogue(seed)
        per_s = 20 / 86_400 if user_events_per_s is None else user_events_per_s
        self.gap_s = max(MIN_GAP_S, AWAKE_SHARE * EVENTS_PER_SESSION / per_s)
        self.start_ms = start_ms
        self.anomaly_every = anomaly_every
        self.broken_share = broken_share
        self.dormant_ms = int(1000 * dormant_s)
        self.record_truth = record_truth
        self._truths: dict[str, Truth] = {}

    def events(self) -> Iterator[SimEvent]:
        """The shop's events in event time, without end. Each call starts from the beginning."""
        simulation = _Simulation(self)
        self._truths = simulation.truth.shoppers if simulation.truth else {}
        return simulation.run()

    def truth(self, name: str) -> Truth:
        """The truth about the shopper with this user_id or anonymous_id, at the position of the latest `events()`.

        Needs `record_truth`. KeyError for a name that has not visited; injected bots and broken records are not
        shoppers.
        """
        return self._truths[name]

    def truths(self) -> Mapping[str, Truth]:
        """The same for all shoppers with a visit so far, by name."""
        return self._truths


class _Simulation:
    """One run of a simulator: the event queue, and all shoppers so far."""

    def __init__(self, shop: Simulator) -> None:
        self.shop = shop
        self.rng = Random(f"course/{shop.seed}")
        self.shoppers: dict[int, Shopper] = {}
        self.seasoned: deque[Shopper] = deque(maxlen=_CANDIDATES)
        self.buyers: deque[Shopper] = deque(maxlen=_CANDIDATES)
        self.away: deque[Shopper] = deque(maxlen=_CANDIDATES)
        self.truth = TruthBook() if shop.record_truth else None
        self.newcomers = count(shop.users)
        self.tie = count()
        self.kinds = cycle(PLANS)
        self.injected = 0
        self.queue: list[_Turn] = [self._arrival(number) for number in range(shop.users)]
        heapify(self.queue)

    def run(self) -> Iterator[SimEvent]:
        """Process the event queue, for ever; a number stands for a shopper who begins a visit."""
        queue, rng, broken, every = self.queue, self.rng, self.shop.broken_share, self.shop.anomaly_every
        next_plant = every // 2
        prefix = b"e%x-" % self.shop.seed
        sent = 0
        while True:
            time_ms, _, flow, topic, body = heappop(queue)
            if isinstance(flow, int):
                self._come(flow, time_ms)
                continue
            sent += 1
            yield SimEvent(topic, flow.shopper.key, prefix + b"%d" % sent, body, time_ms, flow.label)
            self._advance(flow, time_ms)
            if broken and rng.random() < broken:
                sent += 1
                yield self._broken(prefix + b"%d" % sent, time_ms)
            if every and sent >= next_plant:
                self._inject(next(self.kinds), time_ms)
                next_plant = sent + every

    def _arrival(self, number: int) -> "_Turn":
        """The first visit; some begin before the start of the simulation."""
        gap_ms, stay_ms = 1000 * self.shop.gap_s, EVENTS_PER_SESSION * STEP_MS
        inside = self.rng.random() < stay_ms / (gap_ms + stay_ms)
        wait_ms = self.rng.random() * (STEP_MS if inside else gap_ms)
        return self.shop.start_ms + int(wait_ms), next(self.tie), number, "", b""

    def _come(self, number: int, time_ms: int) -> None:
        """Begin a visit, or try again at another hour."""
        shopper = self.shoppers.get(number)
        if shopper is None:
            guest = self.rng.random() < _GUEST_SHARE
            shopper = self.shoppers[number] = make_shopper(number, self.shop.catalogue, self.rng, guest=guest)
        if not shopper.awake(time_ms, self.rng):
            self._queue_visit(number, time_ms + int(2 * HOUR_MS * self.rng.random()))
            return
        shopper.sessions += 1
        shopper.seen_ms = time_ms
        shopper.drift(self.shop.catalogue, self.rng)
        if self.truth:
            self.truth.come(shopper, session_of(shopper), time_ms)
        self._advance(_Flow(number, shopper, visit(shopper, self.shop.catalogue, self.rng), None), time_ms)

    def _advance(self, flow: _Flow, time_ms: int) -> None:
        """Queue the flow's next step, or handle its end."""
        step = next(flow.steps, None)
        if step is not None:
            flow.shopper.events += 1
            heappush(self.queue, (time_ms + step[0], next(self.tie), flow, step[1], step[2]))
        elif flow.label:
            flow.shopper.haunted = False
        else:
            self._leave(flow, time_ms)

    def _leave(self, flow: _Flow, time_ms: int) -> None:
        """Queue the next visit; some shoppers are absent for long, some for good."""
        shopper = flow.shopper
        shopper.seen_ms = time_ms
        self._grow(shopper)
        gap_ms = 1000 * self.shop.gap_s / shopper.activity
        goes = self.rng.random() < shopper.persona.leave
        for_good = goes and self.rng.random() < _FOR_GOOD
        if self.truth:
            self.truth.leave(shopper, time_ms, purchase=shopper.orders > flow.orders, for_good=for_good)
        if goes:
            gap_ms *= _AWAY
            self.away.append(shopper)
        if for_good:
            shopper.left = True
            del self.shoppers[flow.number]
            self._queue_visit(next(self.newcomers), time_ms + int(self.rng.expovariate(1 / (1000 * self.shop.gap_s))))
        else:
            self._queue_visit(flow.number, time_ms + int(self.rng.expovariate(1 / gap_ms)))

    def _grow(self, shopper: Shopper) -> None:
        """Note a shopper with enough history to be a victim."""
        if shopper.events >= _SEASONED_EVENTS and not shopper.seasoned:
            shopper.seasoned = True
            self.seasoned.append(shopper)
        if shopper.orders >= _SEASONED_ORDERS and not shopper.buyer:
            shopper.buyer = True
            self.buyers.append(shopper)

    def _queue_visit(self, number: int, time_ms: int) -> None:
        heappush(self.queue, (time_ms, next(self.tie), number, "", b""))

    def _inject(self, kind: str, time_ms: int) -> None:
        """Inject an anomaly of a kind now, or of the next kind if there is no victim for it."""
        self.injected += 1
        victim = self._victim(kind, time_ms)
        if victim is None:
            kind = next(self.kinds)
            victim = self._victim(kind, time_ms)
        if victim is None:
            return
        planner, words = PLANS[kind]
        victim.haunted = True
        victim.sessions += 1
        plan = planner(victim, self.shop.catalogue, self.rng, session_of(victim))
        label = Label(f"a{self.shop.seed:x}-{self.injected}", kind, victim.name, len(plan), words)
        self._advance(_Flow(-1, victim, iter(plan), label), time_ms)

    def _victim(self, kind: str, time_ms: int) -> Shopper | None:
        """The victim: a new visitor for a bot; for all other kinds a shopper with a history."""
        if kind == "bot":
            return make_shopper(next(self.newcomers), self.shop.catalogue, self.rng)
        if kind == "dormant-awake":
            return self._dormant(time_ms)
        known = self.buyers if kind == "spend-spike" else self.seasoned
        free = [shopper for shopper in known if not shopper.haunted and not shopper.left]
        if free:
            return self.rng.choice(free)
        return max(self.shoppers.values(), key=lambda one: (not one.haunted, one.orders, one.events), default=None)

    def _dormant(self, time_ms: int) -> Shopper | None:
        """A shopper with a history who has been inactive for long enough."""
        latest = time_ms - self.shop.dormant_ms
        asleep = [one for one in self.away if one.seasoned and not one.haunted and one.seen_ms <= latest]
        return self.rng.choice(asleep) if asleep else None

    def _broken(self, event_id: bytes, time_ms: int) -> SimEvent:
        what, topic, body = broken_record(self.rng)
        label = Label(event_id.decode(), "broken-record", "", 1, what)
        return SimEvent(topic, b"", event_id, body, time_ms, label)


_Turn = tuple[int, int, int | _Flow, str, bytes]
"""(event time in ms, tie breaker, a flow or the number of a shopper who comes, topic, body)."""
