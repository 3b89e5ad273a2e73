"""Facts: the output records of the fold: changes and anomalies with reasons and messages, and snapshots."""
