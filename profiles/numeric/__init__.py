"""Numeric: compiled arithmetic that gives the same bits on every machine."""
