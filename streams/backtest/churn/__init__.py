"""Churn: predictions at a cut within a file of who will buy nothing more, from the stream and from baselines."""
