"""Rules on snapshots agree with the fold: every feature that snapshots have is the row's, as far as it is not rounded."""
