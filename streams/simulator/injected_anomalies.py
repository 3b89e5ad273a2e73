"""Injected anomalies: bots, bursts, spend spikes, card testing, misused accounts; and broken records."""

from collections.abc import Callable
from random import Random

from liveprofile.streams.simulator.catalogue import Catalogue, Product
from liveprofile.streams.simulator.events import Step
from liveprofile.streams.simulator.personas import Shopper
from liveprofile.streams.simulator.sessions import click_tail, failed_tail, order_tail, search_tail
from liveprofile.streams.simulator.shop_words import words_of

Plan = list[Step]
PRECIOUS = (
    "electronics/phones",
    "electronics/computers",
    "electronics/photo",
    "electronics/gaming",
    "fashion/jewellery",
    "electronics/tv-video",
)
"""Shelves with products that are easily resold."""


def burst(victim: Shopper, catalogue: Catalogue, rng: Random, session_id: str) -> Plan:
    """Sixty to a hundred hits within a minute or less, in the shopper's own category."""
    head = victim.head(session_id)
    shelf = catalogue.shelves[victim.interests[0]]

    def hit() -> Step:
        wait_ms = rng.randrange(250, 800)
        if rng.random() < 0.1:
            return wait_ms, "searches", head + search_tail(shelf.query(rng), rng)
        return wait_ms, "clicks", head + click_tail(b"click", shelf.pick(rng, rng.random()))

    return [hit() for _ in range(rng.randrange(60, 101))]


def account_takeover(victim: Shopper, catalogue: Catalogue, rng: Random, session_id: str) -> Plan:
    """Another device and address, new categories, and immediate purchases of expensive products."""
    ip = f"185.220.{rng.randrange(100, 110)}.{rng.randrange(1, 255)}"
    head = victim.head_from(session_id, f"linux-headless-{rng.randrange(0x10000):04x}", ip, "ru-RU")
    foreign = [name for name in PRECIOUS if name not in victim.interests]
    plan: Plan = []
    for number, name in enumerate(rng.sample(foreign, rng.choice((2, 3)))):
        product = rng.choice(catalogue.shelves[name].dearest(5))
        plan += [
            (rng.randrange(1500, 4000), "searches", head + search_tail(catalogue.shelves[name].query(rng), rng)),
            (rng.randrange(1500, 4000), "clicks", head + click_tail(b"view", product, 1500)),
            (rng.randrange(800, 2000), "clicks", head + click_tail(b"cart", product)),
            (rng.randrange(1500, 4000), "purchases", head + order_tail(f"{session_id}-{number}", [(product, 2)])),
        ]
    return plan


def spend_spike(victim: Shopper, catalogue: Catalogue, rng: Random, session_id: str) -> Plan:
    """One order many times larger than any before, in the shopper's own category, from the own device."""
    head = victim.head(session_id)
    shelf = catalogue.shelves[victim.interests[0]]
    chosen = shelf.dearest(rng.randrange(5, 9))
    looks = [(rng.randrange(4000, 9000), "clicks", head + click_tail(b"cart", product)) for product in chosen]
    return [*looks, (6000, "purchases", head + order_tail(session_id, _enough(chosen, rng)))]


def bot(visitor: Shopper, catalogue: Catalogue, rng: Random, session_id: str) -> Plan:
    """Pages of the catalogue in order, at exactly equal intervals, without a cart."""
    head = visitor.head_from(session_id, "generic-client", visitor.ip, "en-US")
    products = catalogue.products
    first = rng.randrange(len(products))
    pages = [products[(first + place) % len(products)] for place in range(rng.randrange(120, 241))]
    return [(500, "clicks", head + click_tail(b"view", product)) for product in pages]


def account_sharing(victim: Shopper, catalogue: Catalogue, rng: Random, session_id: str) -> Plan:
    """Five to seven people on one account at the same time, each with another device and country."""
    people = [
        (
            victim.head_from(f"{session_id}-{n}", f"shared-{rng.randrange(0x10000):04x}", _far_address(rng), locale),
            catalogue.shelves[rng.choice(catalogue.categories)],
        )
        for n, locale in enumerate(rng.sample(_FAR_LOCALES, rng.randrange(5, 8)))
    ]

    def look() -> Step:
        head, shelf = rng.choice(people)
        return rng.randrange(8_000, 30_000), "clicks", head + click_tail(b"view", shelf.pick(rng, rng.random()), 6_000)

    return [look() for _ in range(rng.randrange(40, 71))]


def card_testing(victim: Shopper, catalogue: Catalogue, rng: Random, session_id: str) -> Plan:
    """Many failed small payments with stolen cards, until one pays for an expensive product."""
    head = victim.head_from(session_id, f"linux-headless-{rng.randrange(0x10000):04x}", _far_address(rng), "en-US")
    currency = words_of(catalogue.language).currency
    plan: Plan = [
        (
            rng.randrange(2_000, 9_000),
            "purchases",
            head + failed_tail(f"{session_id}-{n}", rng.randrange(50, 500), currency),
        )
        for n in range(rng.randrange(12, 31))
    ]
    dear = rng.choice(catalogue.shelves[rng.choice(PRECIOUS)].dearest(5))
    return [*plan, (5_000, "purchases", head + order_tail(f"{session_id}-paid", [(dear, 1)]))]


def dormant_awake(victim: Shopper, catalogue: Catalogue, rng: Random, session_id: str) -> Plan:
    """A long inactive account is used from another device to view and immediately buy expensive products."""
    head = victim.head_from(session_id, f"android-webview-{rng.randrange(0x10000):04x}", _far_address(rng), "en-US")
    shelf = catalogue.shelves[rng.choice([name for name in PRECIOUS if name not in victim.interests])]
    chosen = rng.sample(shelf.dearest(6), 3)
    looks = [(rng.randrange(3_000, 9_000), "clicks", head + click_tail(b"view", product, 2_000)) for product in chosen]
    return [
        (2_000, "searches", head + search_tail(shelf.query(rng), rng)),
        *looks,
        (4_000, "clicks", head + click_tail(b"cart", chosen[0])),
        (9_000, "purchases", head + order_tail(session_id, [(chosen[0], 2)])),
    ]


def _far_address(rng: Random) -> str:
    return f"185.{rng.randrange(100, 250)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"


def _enough(chosen: list[Product], rng: Random) -> list[tuple[Product, int]]:
    """Quantities for an order of at least 4,000 currency units."""
    lines = [(product, rng.randrange(3, 9)) for product in chosen]
    total_minor = sum(product.price_minor * quantity for product, quantity in lines)
    factor = -(-400_000 // total_minor)
    return [(product, quantity * factor) for product, quantity in lines]


PLANS: dict[str, tuple[Callable[[Shopper, Catalogue, Random, str], Plan], str]] = {
    "bot": (bot, "a visitor reads the catalogue page by page to the millisecond"),
    "burst": (burst, "hits many times faster than ever before"),
    "account-takeover": (account_takeover, "a stranger's device and address buys dear things of no former interest"),
    "spend-spike": (spend_spike, "one order many times the size of any before"),
    "account-sharing": (account_sharing, "several people on one account at once, from devices of many countries"),
    "card-testing": (card_testing, "many small payments that fail within minutes, until one goes through"),
    "dormant-awake": (dormant_awake, "an account that slept for long buys dear things from another device"),
}
"""The kinds of injected anomalies by name: the planner, and a description. They are injected in this order, the bot
first: it needs no victim with a history. The last kind waits until an account has been inactive for long enough."""

_FAR_LOCALES = ("pt-BR", "vi-VN", "id-ID", "tr-TR", "ru-RU", "hi-IN", "es-MX", "ar-EG", "uk-UA", "th-TH")

_BROKEN: tuple[tuple[str, str, bytes], ...] = (
    ("cut in the middle", "clicks", b'"action":"view","item_id":"home-coff'),
    ("nobody's", "clicks", b'"action":"view","item_id":"home-decor-001"}'),
    ("an action that does not exist", "clicks", b'"user_id":"u-000001","action":"teleport","item_id":"x"}'),
    ("a price that is no number", "clicks", b'"user_id":"u-000002","action":"view","price":"free","item_id":"x"}'),
    ("a search without a query", "searches", b'"user_id":"u-000003","results":12}'),
    ("a review of six stars", "reviews", b'"user_id":"u-000005","item_id":"x","stars":6}'),
    ("an attribute that nobody knows", "declarations", b'"user_id":"u-000006","attributes":{"shadow":"long"}}'),
    ("an order of nothing", "purchases", b'"user_id":"u-000004","order_id":"o-1","items":[],"currency":"EUR"}'),
)


def broken_record(rng: Random) -> tuple[str, str, bytes]:
    """A record that must be refused: (error, topic, body)."""
    return rng.choice(_BROKEN)
