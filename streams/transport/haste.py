"""How soon the records of a topic have to be fetched."""

from enum import Enum


class Haste(Enum):
    """How soon a record is wanted, by what waits for it."""

    AT_ONCE = "at once"
    """It is half-way: a stage of this process has written it, for which it had its wait. Fetched right afterwards."""
    WITH_COMPANY = "with company"
    """Somebody waits for what follows from it. Fetched together with others of some milliseconds."""
    AT_LEISURE = "at leisure"
    """Nobody waits for it. Fetched a few times a second."""
