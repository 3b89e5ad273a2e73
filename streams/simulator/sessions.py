"""A shopper's ordinary visit: search, view, cart, purchase, sometimes a refund, a review or feedback."""

from collections.abc import Iterator
from random import Random

import orjson

from liveprofile.streams.simulator.catalogue import Catalogue, Product, Shelf
from liveprofile.streams.simulator.events import Step
from liveprofile.streams.simulator.opinions import declaration_tail, feedback_tail, review_tail
from liveprofile.streams.simulator.personas import Shopper
from liveprofile.streams.simulator.shop_words import words_of

EVENTS_PER_SESSION = 7.5
"""Mean number of events of a session, measured over 200,000 events; the rate of visits is computed from it."""

STEP_MS = 18_000
"""Mean time between two steps of a session."""

_REFUNDS, _REVIEWS = 0.06, 0.25
"""Probabilities of a refund and of a review of the last order at the beginning of a visit."""
_ANSWERS = 0.02
_DECLARES = 0.12
"""Probability at the first visit; it falls with the number of visits."""
_PAYMENT_FAILS = 0.03
"""Probability that the first payment fails; the second one succeeds."""


def visit(shopper: Shopper, catalogue: Catalogue, rng: Random) -> Iterator[Step]:
    """One session of a shopper, step by step; updates the shopper's orders."""
    head = shopper.head_of_visit(session_of(shopper))
    if shopper.last_order:
        yield from _look_back(shopper, shopper.last_order, head, rng)
    shelf = catalogue.shelves[shopper.interest(rng)]
    cart: list[Product] = []
    if rng.random() < 0.6:
        yield _wait(rng), "searches", head + search_tail(_query(shopper, shelf, rng), rng)
    for _ in range(1 + int(rng.expovariate(0.28))):
        if rng.random() < 0.12:
            shelf = catalogue.shelves[shopper.interest(rng)]
            yield _wait(rng), "searches", head + search_tail(_query(shopper, shelf, rng), rng)
        yield from _look(shopper, shelf.pick(rng, shopper.taste), head, cart, rng)
    yield from _check_out(shopper, cart, head, f"o-{shopper.name}-{shopper.sessions}", rng)
    if rng.random() < _ANSWERS:
        yield _wait(rng), "feedback", head + feedback_tail(shopper, catalogue, rng)
    elif rng.random() < _DECLARES / shopper.sessions:
        yield _wait(rng), "declarations", head + declaration_tail(shopper, rng)


def session_of(shopper: Shopper) -> str:
    """The id of the shopper's current session."""
    return f"s-{shopper.name}-{shopper.sessions}"


def click_tail(action: bytes, product: Product, dwell_ms: int = 0) -> bytes:
    """The own fields of a click record."""
    if dwell_ms:
        return b'"action":"%b","dwell_ms":%d,%b' % (action, dwell_ms, product.click_tail)
    return b'"action":"%b",%b' % (action, product.click_tail)


def search_tail(query: str, rng: Random) -> bytes:
    """The own fields of a search record."""
    return b'"query":%b,"results":%d}' % (orjson.dumps(query), int(200 * rng.random() ** 2))


def order_tail(order_id: str, lines: list[tuple[Product, int]], kind: str = "purchase") -> bytes:
    """The own fields of a purchase record; the total is the sum of the lines."""
    total = sum(product.price_minor * quantity for product, quantity in lines) / 100
    items = [product.line(quantity) for product, quantity in lines]
    return orjson.dumps(
        {
            "order_id": order_id,
            "items": items,
            "currency": words_of(lines[0][0].language).currency,
            "total": total,
            "kind": kind,
        },
    )[1:]


def failed_tail(order_id: str, total_minor: int, currency: str) -> bytes:
    """The own fields of a failed payment."""
    return b'"order_id":"%b","kind":"failed","currency":"%b","total":%.2f}' % (
        order_id.encode(),
        currency.encode(),
        total_minor / 100,
    )


def _look_back(shopper: Shopper, order: tuple[str, Product], head: bytes, rng: Random) -> Iterator[Step]:
    """Refund or review the last order."""
    mood = rng.random()
    if mood < _REFUNDS:
        shopper.last_order = None
        yield _wait(rng), "purchases", head + order_tail(order[0], [(order[1], 1)], kind="refund")
    elif mood < _REFUNDS + _REVIEWS:
        shopper.last_order = None
        yield 2 * _wait(rng), "reviews", head + review_tail(shopper, order[1], rng)


def _look(shopper: Shopper, product: Product, head: bytes, cart: list[Product], rng: Random) -> Iterator[Step]:
    """View one product, and at random act on it."""
    if rng.random() < 0.25:
        yield _wait(rng) // 3, "clicks", head + click_tail(b"click", product)
    dwell_ms = _wait(rng)
    yield dwell_ms, "clicks", head + click_tail(b"view", product, dwell_ms)
    mood = rng.random()
    if mood < shopper.persona.buys:
        cart.append(product)
        yield _wait(rng) // 2, "clicks", head + click_tail(b"cart", product)
    elif mood > 0.95:
        action = b"favourite" if mood > 0.97 else b"dismiss" if mood > 0.96 else b"share"
        yield _wait(rng) // 2, "clicks", head + click_tail(action, product)


def _check_out(shopper: Shopper, cart: list[Product], head: bytes, order_id: str, rng: Random) -> Iterator[Step]:
    """At random, remove something from the cart; then, at random, buy the rest."""
    if len(cart) > 1 and rng.random() < 0.2:
        yield _wait(rng) // 2, "clicks", head + click_tail(b"uncart", cart.pop())
    if cart and rng.random() < 0.65:
        lines = [(product, 1 if rng.random() < 0.85 else 2) for product in cart]
        if rng.random() < _PAYMENT_FAILS:
            yield _wait(rng), "purchases", head + order_tail(order_id, lines, kind="failed")
        shopper.orders += 1
        shopper.last_order = order_id, cart[0]
        yield _wait(rng), "purchases", head + order_tail(order_id, lines)


def _query(shopper: Shopper, shelf: Shelf, rng: Random) -> str:
    if rng.random() < 0.004:
        return rng.choice(words_of(shelf.topic.language).stray_queries).format(
            name=shopper.name, digits=rng.randrange(100, 1000)
        )
    return shelf.query(rng)


def _wait(rng: Random) -> int:
    """Milliseconds until the next step: at least two seconds, sometimes minutes."""
    return 2_000 + int(rng.expovariate(1 / (STEP_MS - 2_000)))
