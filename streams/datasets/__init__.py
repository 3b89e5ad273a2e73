"""Data sets: one reader a file format, each yields contract records in the order of time."""
