"""Payments that did not go through."""

from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import SESSION, Row

FAILED = int(Action.FAILED)


@compiled
def update_payments(row: Row, event: Row, state_decay: Factors, event_decay: Factors) -> None:
    """Count failed payments, decayed with the half-life of a session; an order counts once, whatever its lines."""
    row.failed *= state_decay[SESSION]
    if event.action == FAILED and event.line == 0:
        row.failed += event_decay[SESSION]
