"""The kinds of anomalies by their places in `row.ANOMALIES`, and the session's numbers by theirs."""

from liveprofile.profiles.state.row import ANOMALIES, DETECTORS, OUTLIER_INPUTS

VELOCITY, SPEND, DRIFT, BOT, IDENTITY, PAYMENT, DORMANT, OUTLIER, RULE = range(len(ANOMALIES))
"""All but the last one vote with a score; a named rule holds or does not."""

FLAGGED, FIRST_OF_DAY, INPUTS_FROM = DETECTORS, DETECTORS + 1, DETECTORS + 2
SESSION_NUMBERS = DETECTORS + 2 + OUTLIER_INPUTS
"""A session as the learner gets it: the voters' largest scores, the kind that was raised + 1 (0 for none), 1 for the
first session of the shopper's day (UTC), and the inputs of the outlier voter, 0 to 1."""
