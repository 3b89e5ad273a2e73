"""Traits: what a profile says of how somebody shops, kept up with every activity."""

from profiles.compiled import compiled
from profiles.moment import Factors
from profiles.policy import Rules
from profiles.row import Row
from profiles.world import World


@compiled
def update_traits(
    row: Row, event: Row, pause_ms: int, rules: Rules, world: World, keep: Factors, fresh: Factors
) -> None:
    """Take the activity into every trait."""
