"""Reviews with texts that match their stars, feedback, and declarations of simulated shoppers."""

from random import Random

import orjson

from liveprofile.streams.simulator.catalogue import CURRENCY, Catalogue, Product
from liveprofile.streams.simulator.personas import Shopper

OPENINGS = {
    1: ("Broke after two days.", "A complete waste of money.", "Terrible, I sent it back.", "Never again."),
    2: ("Disappointing.", "Not what the pictures promise.", "I expected better for this price.", "Rather poor."),
    3: ("It is all right.", "Does the job, nothing more.", "Neither good nor bad.", "Average."),
    4: ("Good value.", "Pleased with it.", "Works well so far.", "Nearly perfect."),
    5: ("Absolutely love it!", "Excellent quality.", "Best I have ever bought.", "Could not be happier."),
}
DETAILS = {
    1: (
        "It stopped working and nobody answered my complaint.",
        "Arrived damaged, with parts missing.",
        "It smells awful and feels cheap.",
        "Falls apart as soon as you touch it.",
    ),
    2: (
        "The finish is sloppy and it scratches easily.",
        "Delivery took three weeks and the box was torn.",
        "Smaller and flimsier than described.",
        "Instructions are useless.",
    ),
    3: (
        "Fine for the price, but I would look around next time.",
        "Some things are well made, others are not.",
        "It took a while to get used to.",
        "Delivery was quick, the colour is a bit off.",
    ),
    4: (
        "Sturdy, and easy to clean.",
        "One small flaw, but I would buy it again.",
        "Looks just like the picture.",
        "Delivery was quick and the packing good.",
    ),
    5: (
        "Beautifully made, and it arrived a day early.",
        "I use it every day and recommend it to everybody.",
        "Works perfectly, feels solid and looks great.",
        "A wonderful present, my sister was delighted.",
    ),
}
TEXT_SHARE = 0.7
"""Share of reviews with a text."""
TAGS = {"bargain hunter": "bargains", "luxury buyer": "luxury", "quality seeker": "quality"}
"""Tags that a shop may give, each with the matching `price_focus`."""


def review_tail(shopper: Shopper, product: Product, rng: Random) -> bytes:
    """The own fields of a review record; stars depend on the shopper's temper."""
    stars = min(5, max(1, round(1.0 + 4.0 * shopper.temper + rng.gauss(0.0, 0.8))))
    fields = {
        "item_id": product.item_id,
        "title": product.title,
        "category": product.category,
        "brand": product.brand,
        "price": product.price_minor / 100,
        "currency": CURRENCY,
        "stars": stars,
    }
    if rng.random() < TEXT_SHARE:
        fields["text"] = f"{rng.choice(OPENINGS[stars])} {rng.choice(DETAILS[stars])}"
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
