"""Numeric: compiled arithmetic with the same bits on every machine."""
