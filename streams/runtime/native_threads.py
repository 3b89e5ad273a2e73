"""Keeps native libraries from having threads of their own: ours divide the work themselves.

The helper threads of OpenBLAS spin between small matrix products, which is a core for nothing.
"""

import threadpoolctl


def limit_native_threads(threads: int = 1) -> None:
    """Let BLAS and OpenMP libraries that are loaded by now use so many threads, for the rest of the process."""
    threadpoolctl.threadpool_limits(limits=threads)
