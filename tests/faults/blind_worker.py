"""A worker that does not notice that it stood still: the command `liveprofile` without its fence.

Only the broker is left to refuse what it still sends. The product has no such switch.
"""

from liveprofile.streams.cli.main import main
from liveprofile.streams.runtime.fence import Fence


def see_nothing(fence: Fence) -> None:
    """Find everything in order."""


if __name__ == "__main__":
    Fence.check = see_nothing  # type: ignore[method-assign]
    main()
