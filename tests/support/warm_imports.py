"""What forks of workers find imported and compiled; see `tests.support.warm`."""

from importlib import import_module

from profiles.compile import compile_fold
from profiles.policy import Policy
from streams.learn.courses import make_courses
from streams.settings.model import Learn

for name in (
    "models.embedder",
    "streams.cli.worker",
    "streams.ingest.stage",
    "streams.items.stage",
    "streams.learn.stage",
    "streams.profile.local_state",
    "streams.profile.stage",
    "streams.runtime.worker",
    "streams.wiring",
):
    import_module(name)
compile_fold(Policy())
make_courses(Learn(), Policy().dims)(0)
