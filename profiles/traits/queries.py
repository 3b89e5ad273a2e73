"""The specificity of search queries: from one common word to one exact product."""

from typing import Any

from liveprofile.profiles.numeric.aliases import Columns, Row
from liveprofile.profiles.numeric.decayed_mean import decayed_mean_update
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.vocabulary import LONG
from liveprofile.profiles.traits.trait import STATIC, Feature, Field, Moment, Part, Trait

SEARCH = int(Action.SEARCH)
MOST_SPECIFIC = 255.0
LEAST_SHOWN_MASS = 0.01
"""Evidence below this is not shown."""


@compiled
def update_queries(row: Row, event: Row, moment: Moment) -> None:
    """Add the query's specificity to the mean, 0 to 1; only searches have one."""
    row.specificity_mass *= moment.state_decay[LONG]
    if event.action == SEARCH and event.query_specificity > 0:
        row.specificity, row.specificity_mass = decayed_mean_update(
            row.specificity, row.specificity_mass, event.query_specificity / MOST_SPECIFIC, moment.event_decay[LONG]
        )


def specificity_shown(columns: Columns, policy: Any) -> list[float | None]:
    """The mean as a snapshot shows it: 0 is one common word, 1 one exact product."""
    return [
        round(specificity, 3) if mass > LEAST_SHOWN_MASS else None
        for specificity, mass in columns.together("specificity", "specificity_mass")
    ]


SPECIFICITY = Trait(
    name="specificity",
    meaning="The specificity of search queries.",
    state=(
        Field("specificity", "<f4", "mean over queries, 0 to 1"),
        Field("specificity_mass", "<f4", "decayed number of queries"),
    ),
    update=update_queries,
    features=(
        Feature("search.specificity", STATIC, "share", "The mean specificity of queries, 0 to 1.", read="specificity"),
    ),
    part=Part("specificity", float, specificity_shown),
)
