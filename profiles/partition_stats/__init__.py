"""Partition statistics: usual order values and price levels, counted from the log."""
