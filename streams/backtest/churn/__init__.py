"""Churn: who will buy nothing more, asked of the stream at a cut within a file, and of baselines beside it."""
