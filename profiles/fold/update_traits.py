"""Applies an activity to every trait of its profile."""

from liveprofile.profiles.fold.sessions import NEXT_SESSION
from liveprofile.profiles.kernel.context import FoldContext
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.trait_calls import update_declared
from liveprofile.profiles.numeric.aliases import Factors, Row
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.traits.trait import Moment


@compiled
def update_traits(
    row: Row,
    event: Row,
    pause_ms: int,
    session: tuple[int, int],
    rules: Rules,
    context: FoldContext,
    state_decay: Factors,
    event_decay: Factors,
) -> None:
    """Apply the activity to every trait; `session` is what `enter_session` returned."""
    place, own_pause_ms = session
    begins = place == NEXT_SESSION
    update_declared(row, event, Moment(pause_ms, own_pause_ms, begins, rules, context, state_decay, event_decay))
