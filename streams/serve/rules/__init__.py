"""Rules behind the service: in force, in words, tried on the stored snapshots, published."""
