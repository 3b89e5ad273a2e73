"""How exactly somebody searches: from one common word to one exact product."""

from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.numeric.decayed_mean import decayed_mean_update
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LONG, Row

SEARCH = int(Action.SEARCH)
MOST_SPECIFIC = 255.0


@compiled
def update_queries(row: Row, event: Row, state_decay: Factors, event_decay: Factors) -> None:
    """Take the query's specificity into the mean, 0 to 1; only searches have one."""
    row.specificity_mass *= state_decay[LONG]
    if event.action == SEARCH and event.wording > 0:
        row.specificity, row.specificity_mass = decayed_mean_update(
            row.specificity, row.specificity_mass, event.wording / MOST_SPECIFIC, event_decay[LONG]
        )
