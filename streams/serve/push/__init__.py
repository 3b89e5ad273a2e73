"""Pushes changes and anomalies to clients as server-sent events."""
