"""Places in arrays: the kinds of anomalies, the signals of each kind, and the numbers of a session."""

from liveprofile.profiles.numeric.places import places_of
from liveprofile.profiles.state.row import ANOMALIES, DETECTORS, OUTLIER_INPUTS

VELOCITY, SPEND, DRIFT, BOT, IDENTITY, PAYMENT, DORMANT, OUTLIER, RULE = range(len(ANOMALIES))
"""All but the last kind have a detector with a score; a named rule holds or does not."""

OF_VELOCITY = places_of(("events_last_minute", "events_of_a_week"))
OF_SPEND = places_of(("robust_z", "usual_order", "order"))
OF_DRIFT = places_of(("distance", "new_topics", "usual_drift"))
OF_BOT = places_of(("pages", "seconds_between", "pace_spread"))
OF_PAYMENT = places_of(("failed_payments",))
OF_STRANGER = places_of(("new_device", "new_network", "new_country", "new_topics", "orders", "sleep"))
"""Signals shared by identity and dormant."""
OF_OUTLIER = places_of(("log2_rarity",))
SIGNALS: tuple[tuple[str, ...], ...] = tuple(
    places._fields
    for places in (OF_VELOCITY, OF_SPEND, OF_DRIFT, OF_BOT, OF_STRANGER, OF_PAYMENT, OF_STRANGER, OF_OUTLIER)
)
"""Names of the numbers in a detection's `signals`, by kind of anomaly."""

FLAGGED, FIRST_OF_DAY, INPUTS_FROM = DETECTORS, DETECTORS + 1, DETECTORS + 2
SESSION_NUMBERS = DETECTORS + 2 + OUTLIER_INPUTS
"""A session for the learner: the detectors' maximum scores, the kind that was raised + 1 (0 for none), 1 for the
first session of the shopper's day (UTC), and the inputs of the outlier detector, 0 to 1."""
