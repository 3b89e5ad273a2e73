"""Backtests: the stream without Kafka on recorded or simulated data, evaluated against the truth."""
