"""The learners of the learn stage and their schedules."""

from collections.abc import Callable, Sequence

from liveprofile.models.clusterers.port import Clusterer
from liveprofile.models.clusterers.registry import create
from liveprofile.models.learners.anomalies import AnomalyLearner
from liveprofile.models.learners.clusters import ClusterLearner
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import Schedule, ScheduledLearner
from liveprofile.models.learners.predictor import Predictor
from liveprofile.models.learners.priors import Priors
from liveprofile.models.learners.sentiment import Sentiment
from liveprofile.profiles.anomalies.evidence import WEIGHTS
from liveprofile.profiles.fold.fold import EXAMPLE_DIMS
from liveprofile.profiles.predictions.cold_start_example import BECOME
from liveprofile.profiles.predictions.initial_weights import STARTS
from liveprofile.profiles.predictions.inputs import LAYOUT, RECENCY
from liveprofile.profiles.state.row import OUTLIER_INPUTS, TASKS
from liveprofile.streams.settings.sections import Learn

ANOMALY_SCHEDULE = Schedule(first_after=1_000, every=2_000)
"""Sessions before the first anomaly model, and between two versions."""
PREDICTOR_SCHEDULE = Schedule(first_after=20, every=1_000, doubling=True)
"""Labelled examples before the first predictor version, and between two versions. Rare labels must not wait for common
ones, and the first labels improve a model most."""
REVIEW_SCHEDULE = Schedule(first_after=250, every=250)
"""Reviews before the first sentiment model, and between two versions: reviews are rare."""
ENTRY_SCHEDULE = Schedule(first_after=100, every=500)
"""Examples of new shoppers before the first priors, and between two versions."""


def make_learners(settings: Learn, dims: int) -> Callable[[int], Sequence[ScheduledLearner]]:
    """A function that creates the learners; its argument is the first id of clusters.

    `dims` are the embedding's dimensions.
    """
    options = {"clusters": settings.clusters} if settings.clusterer.endswith("kmeans") else {}
    schedule = Schedule(settings.first_model_after, settings.model_every)

    def clusterer(first_id: int) -> Clusterer:
        return create(settings.clusterer, EXAMPLE_DIMS, first_id=first_id, **options)

    def make(first_id: int) -> Sequence[ScheduledLearner]:
        return [
            ScheduledLearner(ClusterLearner(clusterer, first_id), schedule),
            ScheduledLearner(Predictor(TASKS, LAYOUT, RECENCY, STARTS), PREDICTOR_SCHEDULE),
            ScheduledLearner(
                AnomalyLearner(ExampleKind.SESSION, WEIGHTS, OUTLIER_INPUTS, budget=settings.alert_budget),
                ANOMALY_SCHEDULE,
            ),
            ScheduledLearner(Sentiment(dims + 1), REVIEW_SCHEDULE),
            ScheduledLearner(Priors(BECOME), ENTRY_SCHEDULE),
        ]

    return make
