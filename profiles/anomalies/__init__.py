"""Anomalies: detectors that score, calibration that makes scores comparable, and a separate decision."""
