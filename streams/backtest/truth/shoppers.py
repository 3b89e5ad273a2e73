"""Actions of shoppers, read from the log: labels of purchases and returns, and inputs of baselines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.records.activity import Action, Kind
from liveprofile.profiles.state.row import TASKS
from liveprofile.streams.backtest.engine.observer import Keys, profile_now

SESSION_TASK = TASKS.index("purchase.session")
ASKED_AFTER = 3
"""Intent is predicted after the third action of a session without a purchase so far, whether or not others follow."""
GAP_MS = 1_800_000
"""If the data has no session ids, a session ends with a pause longer than this."""
DAY_MS = 86_400_000


@dataclass(slots=True)
class Shopper:
    """One shopper so far."""

    first_ms: int
    seen_ms: int = 0
    events: int = 0
    sessions: int = 0
    orders: int = 0
    ordered_ms: int = 0
    """0 for never."""
    session: int = 0
    order_times_ms: list[int] = field(default_factory=list)
    days: set[int] = field(default_factory=set)
    """Days since 1970 with activity."""
    topics: Counter[int] = field(default_factory=Counter)
    """Counts of categories by digest."""


@dataclass(slots=True)
class Visit:
    """A session at the time of the prediction, and whether it ended in a purchase."""

    key: bytes
    session: int
    time_ms: int
    recency: float
    """Minus the days since the last order, or since the first event."""
    frequency: float
    """Orders per session before this one."""
    in_cart: int
    """Number of products in the cart from this session."""
    minutes: float
    """Minutes since the session began."""
    last_ms: int
    """Time of the session's last action: half an hour later its label is known."""
    probability: float = 0.0
    bought: bool = False


@dataclass(slots=True)
class _Session:
    first_ms: int
    acts: int = 0
    in_cart: int = 0
    bought: bool = False
    visit: Visit | None = None


@dataclass(slots=True)
class Shoppers:
    """An observer: it follows all shoppers through the log, and requests a prediction of intent once per session.

    The answer is the profile's last prediction before its next action, or before the end.
    """

    known: dict[bytes, Shopper] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    _sessions: dict[int, _Session] = field(default_factory=dict)
    open: dict[bytes, Visit] = field(default_factory=dict)
    """Open predictions, at most one per shopper."""
    _without_name: int = 0
    _asked: list[Visit] = field(default_factory=list)
    """Open predictions that the next shown profiles will answer, in their order."""

    def wants(self, keys: Keys, heads: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
        """Before the action that follows a prediction request."""
        wanted = np.zeros(len(keys), dtype=bool)
        fields = ("kind", "line", "action", "session", "event_time_ms", "category")
        for at, (key, *act) in enumerate(zip(keys, *(heads[name].tolist() for name in fields), strict=True)):
            kind, line, action, session, time_ms, topic = act
            if kind == Kind.EVENT and line == 0 and key is not None:
                wanted[at] = self._act(key, action, session, time_ms)
                if topic:
                    self.known[key].topics[topic] += 1
        return wanted

    def see(self, key: bytes, head: np.void, row: np.void | None) -> None:
        """Store the answer of the shown profile."""
        visit = self._asked.pop(0)
        self.answer(visit, row)

    def answer(self, visit: Visit, row: np.void | None) -> None:
        """Store the profile's prediction; 0 without one."""
        visit.probability = float(row["probability"][SESSION_TASK]) if row is not None else 0.0

    def answer_rest(self, fold: Fold) -> None:
        """Answer the remaining requests from the profiles at the end."""
        for key, visit in self.open.items():
            self.answer(visit, profile_now(fold, key))
        self.open.clear()

    def ordered_between(self, key: bytes, after_ms: int, until_ms: int) -> bool:
        """Whether a shopper bought something after one time and until another."""
        return any(after_ms < time_ms <= until_ms for time_ms in self.known[key].order_times_ms)

    def _act(self, key: bytes, action: int, session: int, time_ms: int) -> bool:
        """Process an action; True if the shopper's profile has to be shown before it."""
        shopper = self.known.get(key) or self.known.setdefault(key, Shopper(time_ms))
        waiting = self.open.pop(key, None)
        if waiting is not None:
            self._asked.append(waiting)
        session = session or self._unnamed(shopper, time_ms)
        if session != shopper.session:
            shopper.session, shopper.sessions = session, shopper.sessions + 1
        shopper.events += 1
        shopper.days.add(time_ms // DAY_MS)
        shopper.seen_ms = max(shopper.seen_ms, time_ms)
        if action == Action.PURCHASE:
            shopper.orders, shopper.ordered_ms = shopper.orders + 1, time_ms
            shopper.order_times_ms.append(time_ms)
        self._step(key, shopper, action, session, time_ms)
        return waiting is not None

    def _unnamed(self, shopper: Shopper, time_ms: int) -> int:
        """The session of an action without a session id: the shopper's last one, or a new one after a pause."""
        if shopper.session and time_ms - shopper.seen_ms <= GAP_MS:
            return shopper.session
        self._without_name += 1
        return -self._without_name

    def _step(self, key: bytes, shopper: Shopper, action: int, session: int, time_ms: int) -> None:
        """Process the next action of a session."""
        now = self._sessions.setdefault(session, _Session(time_ms))
        now.acts += 1
        now.in_cart = max(0, now.in_cart + (action == Action.CART) - (action == Action.UNCART))
        if now.visit is not None:
            now.visit.last_ms = time_ms
            now.visit.bought |= action == Action.PURCHASE
        now.bought |= action == Action.PURCHASE
        if now.acts == ASKED_AFTER and not now.bought:
            since_ms = time_ms - (shopper.ordered_ms or shopper.first_ms - 365 * DAY_MS)
            now.visit = Visit(
                key,
                session,
                time_ms,
                -since_ms / DAY_MS,
                shopper.orders / max(1, shopper.sessions - 1),
                now.in_cart,
                (time_ms - now.first_ms) / 60_000,
                time_ms,
            )
            self.visits.append(now.visit)
            self.open[key] = now.visit


@dataclass(frozen=True, slots=True)
class Prospect:
    """A shopper at the time of the prediction."""

    key: bytes
    seen_ms: int
    ordered_ms: int
    orders: int
    events_a_day: float
    probabilities: tuple[float, ...]
    """The profile's predictions, in the order of `TASKS`."""


def prospects(shoppers: Shoppers, rows: dict[bytes, Sequence[float]], now_ms: int) -> list[Prospect]:
    """All shoppers seen within the last week, with the predictions of `rows` by profile."""
    return [
        Prospect(
            key,
            one.seen_ms,
            one.ordered_ms,
            one.orders,
            one.events / max(1.0, (now_ms - one.first_ms) / DAY_MS),
            tuple(rows[key]),
        )
        for key, one in shoppers.known.items()
        if one.seen_ms > now_ms - 7 * DAY_MS and key in rows
    ]
