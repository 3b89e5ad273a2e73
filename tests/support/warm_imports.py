"""What forks of workers find imported and compiled; see `tests.support.warm`."""

import streams.cli.worker
import streams.ingest.stage
import streams.items.stage
import streams.learn.courses
import streams.learn.stage
import streams.profile.local_state
import streams.profile.stage
import streams.runtime.worker
import streams.wiring  # noqa: F401
from profiles.compile import compile_fold
from profiles.policy import Policy

compile_fold(Policy())
