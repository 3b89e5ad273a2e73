"""The profile stage: folds `activity` and writes what follows from it."""
