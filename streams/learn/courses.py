"""The learners of a shop, and when each is due: what the learn stage is made of."""

from collections.abc import Callable, Sequence

from models.clusterers.port import Clusterer
from models.clusterers.registry import create
from models.learners.clusters import ClusterLearner
from models.learners.port import Course, Learner, Schedule
from models.learners.predictor import Predictor
from profiles.fold import EXAMPLE_DIMS
from profiles.inputs import PAUSE
from profiles.row import TASKS
from streams.settings.model import Learn


def make_courses(settings: Learn) -> Callable[[int], Sequence[Course]]:
    """A maker of new learners, whose clusters' ids begin at the number that it is given."""
    options = {"clusters": settings.clusters} if settings.clusterer == "kmeans" else {}
    schedule = Schedule(settings.first_model_after, settings.model_every)

    def clusterer(first_id: int) -> Clusterer:
        return create(settings.clusterer, EXAMPLE_DIMS, first_id=first_id, **options)

    def make(first_id: int) -> Sequence[Course]:
        learners: list[Learner] = [ClusterLearner(clusterer, first_id), Predictor(TASKS, PAUSE)]
        return [Course(learner, schedule) for learner in learners]

    return make
