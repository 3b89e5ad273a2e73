"""Pairs of texts to train on: from a file of pairs, or from the log of a shop."""
