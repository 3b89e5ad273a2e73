"""Cold start: the prior of a new shopper, from shoppers who began alike, until their own evidence suffices."""

from dataclasses import dataclass
from typing import Any

from liveprofile.profiles.facts.trait_snapshot import Expected, Prior
from liveprofile.profiles.numeric.exact import exp2
from liveprofile.profiles.predictions.cold_start_example import KNOWN_AFTER
from liveprofile.profiles.state.dictionary import Dictionary

TRUSTED_BY_HALF = 20.0
"""Number of shoppers who began alike at which their prior has a confidence of one half."""
PRIORS = "priors"


@dataclass(frozen=True, slots=True)
class AdoptedPriors:
    """Later statistics of shoppers, by how they began."""

    label: str
    """Name and version as facts write them, such as priors@12."""
    groups: dict[str, Any]
    """By entry:DIGEST, cluster:ID or all: members, share that bought, mean of log2(order), topics with shares."""
    record: dict[str, Any]
    """The adoption record from the log, to be kept with the state."""

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AdoptedPriors":
        """Read an adoption. ValueError where its numbers do not fit together."""
        try:
            groups = {
                str(key): (float(members), float(bought), order, [(str(name), float(share)) for name, share in topics])
                for key, (members, bought, order, topics) in record["groups"].items()
            }
            return cls(f"{record['name']}@{record['version']}", groups, record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"not adopted priors: {error!r}; see liveprofile.models.learners.priors") from error


def prior_of(
    events: int, entry: int, cluster: int, dictionary: Dictionary, priors: AdoptedPriors | None
) -> Prior | None:
    """The prior of a new shopper; None for a shopper with enough evidence, and before there are priors.

    The group with the same entry topic comes first, then the group of the same cluster, then all shoppers.
    """
    if priors is None or events >= KNOWN_AFTER:
        return None
    for key, of in ((f"entry:{entry}", f"entry:{dictionary.name(entry)}"), (f"cluster:{cluster}",) * 2, ("all", "all")):
        if key in priors.groups:
            members, bought, order, topics = priors.groups[key]
            trust, own = members / (members + TRUSTED_BY_HALF), events / KNOWN_AFTER
            return Prior(
                of=of,
                confidence=round(trust * (1.0 - own), 4),
                interests=[Expected(name, share) for name, share in topics],
                buys=bought,
                order=round(exp2(order) / 100, 2) if order else None,
                model=priors.label,
            )
    return None
