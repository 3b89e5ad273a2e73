"""The simulated shop, judged by its own truth."""
