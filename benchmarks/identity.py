"""Who is who: persons resolved anew from a million links.

The links are of a made-up shop: households that share a browser, kiosks, and several devices a person.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.links import InForce, Link
from liveprofile.profiles.identity.resolve import resolve
from liveprofile.profiles.identity.rules import read_rules, starter

LINKS = 1_000_000
HOUSEHOLD = 0.2
"""Share of users who also use their neighbour's browser."""
KIOSKS = 50
KIOSK_USERS = 200
SEED = 7
DAYS_MS = 365 * 86_400_000

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Seconds that new rules take for all past links, by the clock and of processor time."""
    links = links_of(np.random.default_rng(SEED))
    progress(f"{len(links):,} links")
    rules = read_rules(starter().text.replace('contested = "none"', 'contested = "last"'))
    began, cpu_began = time.perf_counter(), time.process_time()
    persons = resolve(InForce(links, frozenset()), rules)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    progress(f"{len(persons.anchor):,} identifiers")
    return {
        "resolve_1m_s": round(seconds, 2),
        "resolve_1m_cpu_s": round(cpu_seconds, 2),
        "links": len(links),
        "identifiers": len(persons.anchor),
        "refused": len(persons.refused),
        "contested": len(persons.contested),
        "kiosks": len(persons.kiosks),
    }


def links_of(random: np.random.Generator, count: int = LINKS) -> tuple[Link, ...]:
    """So many links; the same for the same generator."""
    links: dict[tuple[Identifier, Identifier], int] = {}
    user = cookies = 0
    for kiosk in range(KIOSKS):
        for one in random.integers(0, count // 4, KIOSK_USERS).tolist():
            _link(links, _identifier("anonymous", -1 - kiosk), _identifier("user", one), random)
    while len(links) < count:
        known = _identifier("user", user)
        for _ in range(int(random.integers(1, 5))):
            _link(links, _identifier("anonymous", cookies), known, random)
            cookies += 1
        if random.random() < 0.5:
            _link(links, _identifier("email", user), known, random)
        if random.random() < HOUSEHOLD:
            _link(links, _identifier("anonymous", max(cookies - 5, 0)), known, random)
        user += 1
    pairs = list(links.items())[:count]
    return tuple(Link(*pair, since_ms=at_ms, source=at, seen_ms=at_ms) for at, (pair, at_ms) in enumerate(pairs))


def _identifier(kind: str, number: int) -> Identifier:
    """An identifier whose pseudonym is spread like a digest, by the numbers of Weyl's sequence."""
    return Identifier(kind, f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128):032x}")


def _link(
    links: dict[tuple[Identifier, Identifier], int], one: Identifier, other: Identifier, random: np.random.Generator
) -> None:
    pair = (one, other) if one < other else (other, one)
    links.setdefault(pair, int(random.integers(0, DAYS_MS)))
