"""Reviews with texts that match their stars, feedback, and declarations of simulated shoppers."""

from random import Random

import orjson

from liveprofile.streams.simulator.catalogue import Catalogue, Product
from liveprofile.streams.simulator.personas import Shopper
from liveprofile.streams.simulator.shop_words import words_of

TEXT_SHARE = 0.7
"""Share of reviews with a text."""
TAGS = {"bargain hunter": "bargains", "luxury buyer": "luxury", "quality seeker": "quality"}
"""Tags that a shop may give, each with the matching `price_focus`."""


def review_tail(shopper: Shopper, product: Product, rng: Random) -> bytes:
    """The own fields of a review record; stars depend on the shopper's temper."""
    stars = min(5, max(1, round(1.0 + 4.0 * shopper.temper + rng.gauss(0.0, 0.8))))
    words = words_of(product.language)
    fields = {
        "item_id": product.item_id,
        "title": product.title,
        "category": product.category,
        "brand": product.brand,
        "price": product.price_minor / 100,
        "currency": words.currency,
        "stars": stars,
    }
    if rng.random() < TEXT_SHARE:
        fields["text"] = words.between.join((rng.choice(words.openings[stars]), rng.choice(words.details[stars])))
    return orjson.dumps(fields)[1:]


def feedback_tail(shopper: Shopper, catalogue: Catalogue, rng: Random) -> bytes:
    """Feedback to an offer, a tag or an inferred attribute: mostly accepted if it fits the shopper."""
    about = rng.choice(("offer", "offer", "tag", "attribute"))
    if about == "offer":
        return orjson.dumps({"about": about} | _offer(shopper, catalogue, rng))[1:]
    if about == "tag":
        name = rng.choice(tuple(TAGS))
        verdict = "accepted" if TAGS[name] == shopper.price_focus else "refused"
        return orjson.dumps({"about": about, "name": name, "verdict": verdict})[1:]
    fields = {"about": about, "name": "price_focus", "verdict": "corrected", "value": shopper.price_focus}
    return orjson.dumps(fields)[1:]


def _offer(shopper: Shopper, catalogue: Catalogue, rng: Random) -> dict[str, str]:
    category = shopper.interest(rng) if rng.random() < 0.5 else rng.choice(catalogue.categories)
    product = rng.choice(catalogue.shelves[category].products)
    likes = category in shopper.interests and rng.random() < 0.8
    return {
        "name": f"week-offer {category}",
        "verdict": "accepted" if likes else "refused",
        "item_id": product.item_id,
        "title": product.title,
        "category": product.category,
    }


def declaration_tail(shopper: Shopper, rng: Random) -> bytes:
    """The own fields of a declaration record; its values are true."""
    known: dict[str, str | int | bool] = {
        "language": shopper.locale[:2],
        "price_focus": shopper.price_focus,
        "preferred_category": shopper.interests[0],
        "household_size": shopper.household,
        "newsletter": rng.random() < 0.4,
    }
    declared = {name: value for name, value in known.items() if rng.random() < 0.6}
    return orjson.dumps({"attributes": declared or {"language": known["language"]}})[1:]
