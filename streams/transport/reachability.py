"""Which brokers answer, for a whole process: attempts to connect are spaced out, and each absence is told once."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 10.0
LOOK_S = 0.5
"""Time between two looks of a task that waits for its turn: so soon it notices that the broker is back."""

Address = tuple[str, int]
"""Host and port."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A broker has gone away, or is back."""

    address: Address
    away_s: float | None
    """How long it was away, once it is back; None when it goes."""
    others_answer: bool
    """Whether other brokers of the cluster may still answer."""

    def __str__(self) -> str:
        """A sentence for people, without a full stop.

        >>> str(Turn(("kafka", 9092), None, False))
        'Kafka at kafka:9092 does not answer: trying again until it does'
        >>> str(Turn(("kafka", 9092), 61.4, False))
        'Kafka at kafka:9092 answers again after 61 s'
        """
        who = f"{'one broker of Kafka,' if self.others_answer else 'Kafka'} at {self.address[0]}:{self.address[1]}"
        if self.away_s is None:
            return f"{who} does not answer: trying again until it does"
        return f"{who} answers again after {self.away_s:.0f} s"


Listener = Callable[[Turn], None]


def _log(turn: Turn) -> None:
    log.warning(str(turn))


@dataclass(slots=True)
class _Absence:
    since_s: float
    wait_s: float
    next_s: float
    """Until then nobody tries."""


class Reachability:
    """All clients of a process ask here before they connect: many of them trying for themselves would be a storm.

    The first attempt after a failure waits about 0.1 s, each further one twice as long, up to `longest_s`, with jitter;
    whoever comes meanwhile waits with it. Safe to use from several threads, each with its event loop.
    """

    def __init__(
        self,
        now_s: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        tell: Listener = _log,
    ) -> None:
        """`jitter` gives numbers from 0 to 1; `tell` is called once at the begin and at the end of each absence."""
        self.tell = tell
        self.longest_s = LONGEST_WAIT_S
        self._now_s = now_s
        self._jitter = jitter
        self._absences: dict[Address, _Absence] = {}
        self._back_s: dict[Address, float] = {}
        self._lock = threading.Lock()

    def absent(self, addresses: Collection[Address], within_s: float = 0.0) -> bool:
        """Whether none of the addresses answers, now or at some time in the last `within_s` seconds; False for none."""
        since_s = self._now_s() - within_s
        with self._lock:
            return bool(addresses) and all(
                one in self._absences or (within_s > 0 and self._back_s.get(one, -1.0) >= since_s) for one in addresses
            )

    def wait_s(self, address: Address) -> float:
        """Seconds until the next attempt; 0: the caller is to try now, and others wait for what comes of it."""
        with self._lock:
            absence = self._absences.get(address)
            if absence is None:
                return 0.0
            now_s = self._now_s()
            if now_s < absence.next_s:
                return absence.next_s - now_s
            absence.next_s = now_s + self.longest_s
            return 0.0

    async def turn(self, address: Address, alternatives: Collection[Address], given_up: Callable[[], bool]) -> bool:
        """Wait until the caller is to try to connect; False where it is not to wait.

        That is so where an alternative may answer, and where the caller has given up.
        """
        while not given_up():
            wait_s = self.wait_s(address)
            if wait_s <= 0:
                return True
            if alternatives and not self.absent(alternatives):
                return False
            await asyncio.sleep(min(wait_s, LOOK_S))
        await asyncio.sleep(FIRST_WAIT_S / 2)  # whoever asks again and again, although it was told to end, costs little
        return False

    def tried(self, address: Address, answered: bool, others_answer: bool = False) -> None:
        """Note what came of an attempt, and tell where that is news."""
        with self._lock:
            now_s, absence = self._now_s(), self._absences.get(address)
            if answered and absence is not None:
                del self._absences[address]
                self._back_s[address] = now_s
                news = Turn(address, now_s - absence.since_s, others_answer)
            elif answered:
                return
            elif absence is not None:
                absence.wait_s = min(2 * absence.wait_s, self.longest_s)
                absence.next_s = now_s + self._jittered(absence.wait_s)
                return
            else:
                self._absences[address] = _Absence(now_s, FIRST_WAIT_S, now_s + self._jittered(FIRST_WAIT_S))
                news = Turn(address, None, others_answer)
        self.tell(news)

    def _jittered(self, wait_s: float) -> float:
        """Three quarters of the wait to all of it: processes that lost a broker together do not come back together."""
        return wait_s * (0.75 + 0.25 * self._jitter())


BROKERS = Reachability()
"""That of this process."""
