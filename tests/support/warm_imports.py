"""What forks of workers find imported and compiled; see `tests.support.warm`."""

from importlib import import_module

from liveprofile.profiles.fold.precompile import compile_fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.settings.sections import Learn
from liveprofile.streams.stages.learn.learners import make_learners

for name in (
    "liveprofile.models.embedder",
    "liveprofile.streams.cli.worker",
    "liveprofile.streams.stages.ingest.stage",
    "liveprofile.streams.stages.items.stage",
    "liveprofile.streams.stages.learn.stage",
    "liveprofile.streams.stages.profile.local_state",
    "liveprofile.streams.stages.profile.stage",
    "liveprofile.streams.runtime.worker",
    "liveprofile.streams.stages.wiring",
):
    import_module(name)
compile_fold(Policy())
make_learners(Learn(), Policy().dims)(0)
