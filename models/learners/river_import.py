"""River, imported where it is first needed: it brings SciPy's statistics along, which takes a second or two."""

from importlib import import_module


def import_river() -> None:
    """Import what the learners use of River. A worker does this in a thread, and goes on meanwhile."""
    for name in ("anomaly", "linear_model", "optim", "preprocessing"):
        import_module(f"river.{name}")
