"""Payments that did not go through."""

from profiles.activity import Action
from profiles.compiled import compiled
from profiles.moment import Factors
from profiles.row import Row

FAILED = int(Action.FAILED)


@compiled
def update_payments(row: Row, event: Row, keep: Factors, fresh: Factors) -> None:
    """Count failed payments, decayed with the half-life of a session; an order counts once, whatever its lines."""
    row.failed *= keep[0]
    if event.action == FAILED and event.line == 0:
        row.failed += fresh[0]
