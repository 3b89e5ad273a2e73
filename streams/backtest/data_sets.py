"""The data sets that `liveprofile backtest` knows, by the name it takes: where each comes from, and its tasks."""

from streams.backtest.run import DataSet

DATA_SETS: dict[str, DataSet] = {}
"""Data set by name."""
