"""Where Numba looks for compiled code; apart from `jit`, for it needs Numba at import."""

from pathlib import Path

from numba.core.caching import InTreeCacheLocator

from liveprofile.profiles.numeric.jit import ROOT, cache_folder


class BesideSameSources(InTreeCacheLocator):  # type: ignore[misc]  # Numba has no types
    """Numba cache locator that uses the file's path in the checkout, not on the machine.

    Numba's own locators name a folder after the absolute path, and go by the time of a file, so a second checkout
    compiles everything again.
    """

    def get_cache_path(self) -> str:
        """The folder of a function's compiled code."""
        return str(cache_folder() / Path(self._py_file).resolve().parent.relative_to(ROOT))

    def get_source_stamp(self) -> str:
        """The folder is of exactly these sources, whenever a checkout has written its files."""
        return ""
