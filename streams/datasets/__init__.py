"""Data sets: one reader per file format; each yields records of the contract."""
