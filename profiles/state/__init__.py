"""State: one row per profile, the table of a partition, and the bytes of both."""
