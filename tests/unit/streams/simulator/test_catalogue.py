"""The simulated shop's shelves."""

from random import Random
from statistics import fmean

import orjson

from liveprofile.streams.simulator.catalogue import build_catalogue


def test_the_shop_has_a_thousand_products_in_more_than_twenty_categories() -> None:
    catalogue = build_catalogue(7)
    assert len(catalogue.products) >= 1_000
    assert len({product.category for product in catalogue.products}) >= 20


def test_item_ids_are_unique_and_so_are_titles_on_a_shelf() -> None:
    catalogue = build_catalogue(7)
    assert len({product.item_id for product in catalogue.products}) == len(catalogue.products)
    for shelf in catalogue.shelves.values():
        assert len({product.title for product in shelf.products}) == len(shelf.products)


def test_prices_stay_within_what_the_kinds_of_a_shelf_cost() -> None:
    for shelf in build_catalogue(7).shelves.values():
        lowest = min(kind.lowest for kind in shelf.topic.kinds)
        highest = max(kind.highest for kind in shelf.topic.kinds)
        assert all(100 * lowest - 100 <= product.price_minor <= 100 * highest + 99 for product in shelf.products)


def test_two_seeds_make_two_shops() -> None:
    assert build_catalogue(7).products != build_catalogue(8).products


def test_a_dear_taste_spends_more_than_a_cheap_one() -> None:
    rng = Random(1)
    shelf = build_catalogue(7).shelves["electronics/phones"]
    cheap = fmean(shelf.pick(rng, 0.0).price_minor for _ in range(500))
    dear = fmean(shelf.pick(rng, 1.0).price_minor for _ in range(500))
    assert dear > 1.5 * cheap


def test_popular_products_and_queries_come_far_more_often() -> None:
    rng = Random(1)
    shelf = build_catalogue(7).shelves["home/bedding"]
    queries = [shelf.query(rng) for _ in range(2_000)]
    assert queries.count(shelf.queries[0]) > 5 * max(1, queries.count(shelf.queries[-1]))


def test_the_end_of_a_click_is_json() -> None:
    product = build_catalogue(7).products[0]
    fields = orjson.loads(b"{" + product.click_tail)
    assert (fields["item_id"], fields["price"]) == (product.item_id, product.price_minor / 100)
