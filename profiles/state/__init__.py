"""State: one row a profile, the table of a partition, and both as bytes."""
