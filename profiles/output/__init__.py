"""Output: change records and snapshots, made from rows."""
