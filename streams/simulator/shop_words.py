"""What shoppers of a simulated shop write, by its language: reviews, queries with personal data, and where they are."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from liveprofile.models.corpus import ENGLISH

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
STRAY_QUERIES = (
    "where is my order, mail me at {name}@example.org",
    "{name}@example.com invoice copy",
    "refund to card 4111 1111 1111 1111",
    "call me back +44 20 7946 0{digits} about my delivery",
)
"""Queries with personal data, which the stream must scrub."""
_LOCALES = ("en-GB", "en-US", "de-DE", "fr-FR", "nl-NL", "en-IE", "es-ES")


@dataclass(frozen=True, slots=True)
class ShopWords:
    """The texts of a language, and what a shop of its country has."""

    currency: str
    timezone: str
    locales: tuple[str, ...]
    """Of browsers, each as often as it is there."""
    stray_queries: tuple[str, ...]
    """Queries with personal data, which the stream must scrub."""
    openings: Mapping[int, tuple[str, ...]]
    """First sentences of reviews, by stars."""
    details: Mapping[int, tuple[str, ...]]
    """Second sentences of reviews, by stars."""
    between: str
    """What stands between two sentences."""


@cache
def words_of(language: str) -> ShopWords:
    """The words of a language. KeyError for one without words."""
    if language == ENGLISH:
        return ShopWords("EUR", "UTC", _LOCALES, STRAY_QUERIES, OPENINGS, DETAILS, " ")
    file = files("liveprofile.streams.simulator") / "languages" / f"{language}.toml"
    if not file.is_file():
        raise KeyError(f"no simulated shop in {language!r}")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return ShopWords(
        table["currency"],
        table["timezone"],
        tuple(table["locales"]),
        tuple(table["stray_queries"]),
        _by_stars(table["openings"]),
        _by_stars(table["details"]),
        table["between"],
    )


def _by_stars(table: Mapping[str, Any]) -> Mapping[int, tuple[str, ...]]:
    return {int(stars): tuple(texts) for stars, texts in table.items()}
