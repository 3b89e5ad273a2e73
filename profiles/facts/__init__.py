"""Facts: what leaves the fold as records: changes and anomalies with their reasons and sentences, and snapshots."""
