"""Backtests on the simulated shop, evaluated by its own truth."""
