"""The profile stage: folds `activity` and writes changes, snapshots, anomalies and state."""
