"""Failed payments."""

from typing import Any

from liveprofile.profiles.numeric.aliases import Columns, Row
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.vocabulary import SESSION as SESSION_SCALE
from liveprofile.profiles.traits.trait import SESSION, Feature, Field, Moment, Part, Trait

FAILED = int(Action.FAILED)


@compiled
def update_payments(row: Row, event: Row, moment: Moment) -> None:
    """Count failed payments, decayed with the half-life of a session; an order counts once, whatever its lines."""
    row.failed *= moment.state_decay[SESSION_SCALE]
    if event.action == FAILED and event.line == 0:
        row.failed += moment.event_decay[SESSION_SCALE]


def failed_shown(columns: Columns, policy: Any) -> list[float | None]:
    """Failed payments as a snapshot shows them."""
    return [failed or None for failed in rounded(columns.rows["failed"], 2).tolist()]


PAYMENTS = Trait(
    name="payments",
    meaning="Recent failed payments.",
    state=(Field("failed", "<f4", "failed payments, decayed with the session half-life"),),
    update=update_payments,
    features=(Feature("payments.failed", SESSION, "payments", "Failed payments.", read="failed"),),
    part=Part("failed_payments", float, failed_shown),
)
